"""What every REST route has in common: who asks is known before anything is read, and a body is strict JSON."""

from collections.abc import Callable, Coroutine
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Query, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict

from chaskiq_core import Chaskiq
from chaskiq_core.desk.pages import DEFAULT_LIMIT
from chaskiq_core.errors import InvalidError, NotFoundError, UnreadableError
from chaskiq_core.hub import AppActing
from chaskiq_core.plugin import WebhookRequest
from chaskiq_server.access.bearer import Bearers
from chaskiq_server.bodies import HungUpError, TooLargeError, read_body
from chaskiq_server.problems import Problem
from chaskiq_server.rest.shapes import problem

API_PATH = "/api/v1"
APP_PATH = f"{API_PATH}/apps/{{app_key}}"
MAX_BODY_BYTES = 1_000_000
ERRORS: dict[int | str, dict[str, object]] = {
    401: problem("no token, or one that is not valid"),
    403: problem("the agent's role does not include this"),
    404: problem("it isn't there, or belongs to another App"),
    422: problem("the request breaks a rule"),
}


class Input(BaseModel):
    """A body that somebody sends: nothing but what is declared, and no type for another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class StrictRequest(Request):
    """A request whose body was read and decoded before FastAPI sees it."""

    whole: bytes = b""
    decoded: object = None

    async def body(self) -> bytes:
        return self.whole

    async def json(self) -> object:
        return self.decoded


class StrictRoute(APIRoute):
    """A route that admits first and reads then."""

    async def admit(self, request: Request) -> None:
        """Know who asks, before anything is read: `request.state` says it to the endpoint."""
        request.state.acting = await admit(request)

    @staticmethod
    def check_url(request: Request) -> None:
        """No text here may have a NUL."""
        if "\x00" in request.scope["path"]:
            raise NotFoundError("there is nothing at this URL")
        if "%00" in request.url.query:
            raise InvalidError("the query holds a NUL, which no text here may have")

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def admit_and_read(request: Request) -> Response:
            await self.admit(request)
            strict = StrictRequest(_as_json(request) if self.body_field else request.scope, request.receive)
            if self.body_field:
                try:
                    await _read(strict)
                except TooLargeError:
                    return Problem(413, f"a body may have {MAX_BODY_BYTES} bytes")
                except HungUpError:
                    return Response(status_code=499)
            return await handle(strict)

        return admit_and_read


def resource(name: str) -> APIRouter:
    """The router of one resource of an App: `resource("conversations")`."""
    return _router(APP_PATH, name)


def own_resource(name: str) -> APIRouter:
    """The router of what belongs to the token itself and names no App: `own_resource("me")`."""
    return _router(API_PATH, name)


def _router(path: str, name: str) -> APIRouter:
    return APIRouter(
        prefix=f"{path}/{name}",
        tags=[name],
        route_class=StrictRoute,
        dependencies=[Security(HTTPBearer(auto_error=False, description="made with `chaskiq tokens create`"))],
        responses=ERRORS,
    )


def _own_acting(request: Request) -> AppActing:
    acting: AppActing = request.state.acting
    return acting


def _acting(request: Request, app_key: str) -> AppActing:
    return _own_acting(request)


def _hub(request: Request) -> Chaskiq:
    chaskiq: Chaskiq = request.app.state.chaskiq
    return chaskiq


Acting: TypeAlias = Annotated[AppActing, Depends(_acting)]
"""Acts in the App of the path, on behalf of the agent whose token came along."""
OwnActing: TypeAlias = Annotated[AppActing, Depends(_own_acting)]
"""The same in the token's App, where the path names none."""
Hub: TypeAlias = Annotated[Chaskiq, Depends(_hub)]
After: TypeAlias = Annotated[str | None, Query(description="`next` of the page before", max_length=500)]
Limit: TypeAlias = Annotated[int, Query(description="1 to 100; more is cut")]
FIRST_PAGE = DEFAULT_LIMIT


async def admit(request: Request) -> AppActing:
    """Acts of the caller in the App of the path, or the token's; 401 without a token, 404 for one of another App."""
    StrictRoute.check_url(request)
    bearers: Bearers = request.app.state.bearers
    signed_in = await bearers.of_header(request.headers.get("authorization", ""))
    app_key = str(request.path_params.get("app_key", signed_in.app_key))
    if signed_in.app_key != app_key:
        raise NotFoundError(f"no App has the key {app_key[:64]!r}")
    return _hub(request).acting(signed_in.app_key, as_agent=str(signed_in.agent_id))


def _as_json(request: Request) -> dict[str, object]:
    """The request's scope, its body taken for JSON whatever it is called: tools differ, and no cookie counts here."""
    kept = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
    return {**request.scope, "headers": [*kept, (b"content-type", b"application/json")]}


async def _read(request: StrictRequest) -> None:
    """Read and decode the body. It is held to what a webhook is: RFC 8259, 64 levels, no NUL, no lone surrogate."""
    request.whole = await read_body(request.scope, request.receive, MAX_BODY_BYTES)
    if request.whole:
        try:
            request.decoded = WebhookRequest(body=request.whole).json()
        except UnreadableError as error:
            raise InvalidError(str(error)) from None
