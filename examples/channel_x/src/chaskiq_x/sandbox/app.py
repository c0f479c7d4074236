"""The sandbox over HTTP: X's API, what people do under `/sandbox`, and the page at `/phone`."""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import (
    LOOPBACK,
    ControlRoutes,
    CustomerApiError,
    Fault,
    Json,
    JsonObject,
    LoggedCall,
    body_of,
    customer_error,
    json_response,
    look,
    number_of,
    object_at,
    phone_routes,
    serve_app,
    spoil,
)
from chaskiq_x.manifest import MAX_TEXT
from chaskiq_x.oauth import authorization
from chaskiq_x.sandbox.account import ACCOUNT, SETTINGS
from chaskiq_x.sandbox.state import XSandbox

PAGE = Path(__file__).parent / "phone"
OAUTH_FIELD = re.compile(r'(oauth_nonce|oauth_timestamp)="([^"]+)"')
TITLES = {
    400: "Invalid Request",
    401: "Unauthorized",
    403: "You are not permitted to send a direct message to this person",
    404: "Not Found Error",
    429: "Too Many Requests",
}


def run(host: str = LOOPBACK, port: int = 8081, path: Path | None = None) -> None:
    """Serve a sandbox until the process is told to stop."""
    sandbox = XSandbox(path)
    sandbox.base_url = f"http://{host}:{port}"
    anyio.run(partial(serve_app, app_of(sandbox), closing=sandbox.closing, host=host, port=port))


def app_of(sandbox: XSandbox) -> Starlette:
    """The app of this sandbox; its lifespan sends the webhooks and closes the memory in the end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            async with sandbox.delivery.running():
                yield
        finally:
            sandbox.closing.set()
            sandbox.database.close()

    api = _Api(sandbox)
    return Starlette(
        routes=[
            Route("/2/dm_conversations/with/{person}/messages", api.messages, methods=["POST"]),
            Route("/2/users/me", api.me),
            Route("/media/{number:int}", api.file),
            Route("/sandbox/webhook", api.webhook, methods=["POST"]),
            Route("/sandbox/people/{person}/messages", api.write, methods=["POST"]),
            Route("/sandbox/people/{person}/messages", api.chat),
            *ControlRoutes(sandbox, Fault).routes,
            *phone_routes(PAGE),
        ],
        exception_handlers={CustomerApiError: customer_error, ValidationError: customer_error},
        lifespan=lifespan,
    )


class _Api:
    """Answers the plugin's calls, and what people do."""

    def __init__(self, sandbox: XSandbox) -> None:
        self._sandbox = sandbox

    async def messages(self, request: Request) -> Response:
        """X's: send a message."""
        parameters: JsonObject = {**await body_of(request), "participant_id": request.path_params["person"]}
        return await self._answer(request, "messages", parameters, partial(self._send, parameters))

    async def me(self, request: Request) -> Response:
        """X's: whose the tokens are."""
        me: JsonObject = {"data": {"id": ACCOUNT, "name": "Acme", "username": "acme"}}
        return await self._answer(request, "me", {}, lambda: json_response(me))

    async def file(self, request: Request) -> Response:
        """X's: a file of a message."""
        number = int(request.path_params["number"])
        row = self._sandbox.file(number)
        if row is None:
            return _refusal(404)
        return await self._answer(request, "file", {"id": number}, lambda: Response(row["content"]))

    async def webhook(self, request: Request) -> Response:
        """The operator's, in X's portal: register a webhook."""
        url = str((await body_of(request)).get("url"))
        if not await self._sandbox.register(url):
            raise CustomerApiError(422, "that URL does not answer a crc_token as it should")
        return json_response({"valid": True})

    async def write(self, request: Request) -> Response:
        """A person's: write."""
        body, person = await body_of(request), request.path_params["person"]
        text = str(body.get("text") or "")
        if not text.strip() or not person.isdecimal():
            raise CustomerApiError(422, "write something, as a person with a number")
        return json_response({"id": self._sandbox.write(person, str(body.get("name") or person), text)}, status=201)

    async def chat(self, request: Request) -> Response:
        """A person's: read; `?wait=` waits for more than `?known=` messages."""
        person, known = request.path_params["person"], number_of(request, "known")

        def see() -> list[Json]:
            shown: list[Json] = []
            for direction, event in self._sandbox.events(person):
                text = object_at(event, "message_create", "message_data").get("text")
                shown.append({"id": event["id"], "direction": direction, "text": text})
            return shown

        shown = await look(self._sandbox, request, see, lambda seen: len(seen) > known)
        return json_response({"messages": shown})

    async def _answer(
        self, request: Request, method: str, parameters: JsonObject, carry_out: Callable[[], Response]
    ) -> Response:
        fault = self._sandbox.faults.take(method, parameters)
        if self._sandbox.is_revoked or not _is_signed(request):
            return self._logged(method, parameters, _refusal(401))

        def done() -> Response:
            with self._sandbox.database.transaction():
                return self._logged(method, parameters, carry_out())

        if fault is None:
            return done()
        if not fault.is_carried_out:
            self._logged(method, parameters, _refusal(fault.status or 503))
            return await spoil(fault, request, self._sandbox, _refuse)
        return await spoil(fault, request, self._sandbox, _refuse, done)

    def _send(self, parameters: JsonObject) -> Response:
        person, text = str(parameters["participant_id"]), parameters.get("text")
        if not self._sandbox.events(person):
            return _refusal(403)
        if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
            return _refusal(400)
        ids = sorted((int(person), int(ACCOUNT)))
        sent = self._sandbox.send(person, text)
        return json_response({"data": {"dm_conversation_id": f"{ids[0]}-{ids[1]}", "dm_event_id": sent}}, status=201)

    def _logged(self, method: str, parameters: JsonObject, response: Response) -> Response:
        call = LoggedCall(
            at=time.time(),
            account=ACCOUNT,
            method=method,
            parameters=parameters,
            is_accepted=response.status_code < 400,
            outcome={"status": response.status_code},
        )
        self._sandbox.calls.add(call)
        self._sandbox.news.ring()
        return response


def _is_signed(request: Request) -> bool:
    """Whether the OAuth 1.0a signature is right."""
    shown = request.headers.get("authorization", "")
    known = dict(OAUTH_FIELD.findall(shown))
    right = authorization(
        SETTINGS,
        request.method,
        str(request.url),
        nonce=known.get("oauth_nonce", "-"),
        timestamp=known.get("oauth_timestamp", "-"),
    )
    return shown == right["authorization"]


def _refusal(status: int, detail: str = "") -> Response:
    title = TITLES.get(status, "Service Unavailable")
    return json_response({"title": title, "detail": detail or title, "status": status}, status=status)


def _refuse(fault: Fault) -> Response:
    response = _refusal(fault.status or 503, fault.description or "")
    if fault.status == 429:
        response.headers["x-rate-limit-reset"] = str(int(time.time()) + fault.retry_after)
    return response
