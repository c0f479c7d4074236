"""Errors as problem details (RFC 9457): one shape for whatever goes wrong behind a door."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from chaskiq_core.errors import ChaskiqError, RaceError, RefusalError, UnavailableError

log = logging.getLogger("chaskiq.server")

AWAY = "the server can't do this now; try again in a moment"
BROKEN = "something went wrong here; it was logged"
UNKNOWN = {404: "there is nothing at this URL", 405: "this URL does not take that method"}
MAX_ERRORS = 20
"""How many places of one request are named at most."""


class Problem(JSONResponse):
    """An error's body: type, title, status, detail, and `errors` where several places are wrong."""

    media_type = "application/problem+json"

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        body: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        if errors:
            body["errors"] = errors
        super().__init__(body, status, headers)


def explain_errors(app: Starlette) -> None:
    """Answer every error of the app with a Problem."""
    for kind in (ChaskiqError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, explain)


async def explain(request: Request, error: Exception) -> Problem:
    """The Problem of an error; what is our fault is logged and not told."""
    match error:
        case RefusalError():
            return Problem(error.status, str(error))
        case UnavailableError() | RaceError():
            log.warning("a request was turned away: %s", error)
            return Problem(503, AWAY, headers={"retry-after": "1"})
        case RequestValidationError():
            places = [_place(one) for one in error.errors()[:MAX_ERRORS]]
            return Problem(422, _sentence(places), errors=places)
        case HTTPException():
            detail = str(error.detail)
            if error.status_code in UNKNOWN and detail == HTTPStatus(error.status_code).phrase:
                detail = UNKNOWN[error.status_code]
            return Problem(error.status_code, detail, headers=error.headers)
        case ChaskiqError():
            log.error("a request failed: %s: %s", type(error).__name__, error)
            return Problem(500, BROKEN)
        case _:
            # The traceback is logged by the server, to which Starlette raises it once more.
            return Problem(500, BROKEN)


def _place(error: Mapping[str, object]) -> dict[str, str]:
    """Where a request is wrong, as RFC 9457 shows it; never with what was sent."""
    location = error["loc"]
    source, *path = [str(step) for step in location] if isinstance(location, tuple | list) else [str(location)]
    detail = str(error["msg"]).removeprefix("Value error, ")
    if source == "body":
        return {"detail": detail, "pointer": "#" + "".join(f"/{step}" for step in path)}
    return {"detail": detail, "parameter": ".".join(path)}


def _sentence(places: Sequence[Mapping[str, str]]) -> str:
    if not places:
        return "the request is not valid"
    first = places[0]
    name = first.get("parameter") or first.get("pointer", "").removeprefix("#/").replace("/", ".") or "body"
    return f"{name}: {first['detail'][:1].lower()}{first['detail'][1:]}"
