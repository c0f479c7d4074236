"""Answers over HTTP: JSON, a customer's mistake, and the connection that ends without an answer."""

from collections.abc import Callable, Mapping, Sequence

import httpx
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chaskiq_core.testing.sandbox.errors import CustomerApiError
from chaskiq_core.testing.sandbox.json_value import Json, write_json

# server.py puts a function under this name into each connection's ASGI state
RESET_CONNECTION = "reset_connection"


def json_response(body: Mapping[str, Json] | Sequence[Json], *, status: int = 200) -> Response:
    """JSON in ASCII, so that whatever was stored can be shown."""
    return Response(write_json(body), status_code=status, media_type="application/json")


async def customer_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for CustomerApiError and pydantic's ValidationError: `{"error": "a sentence"}`."""
    if isinstance(error, CustomerApiError):
        return json_response({"error": error.sentence}, status=error.status)
    assert isinstance(error, ValidationError), "registered for these two"
    return json_response({"error": explain(error)}, status=422)


def explain(error: ValidationError) -> str:
    """Pydantic's findings in one sentence."""
    return "; ".join(f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}" for found in error.errors())


class ConnectionReset(Response):
    """No answer: the caller's connection is reset.

    ASGI can't do that by itself, so the server lends each connection a function for it. Where none is lent, as under
    httpx.ASGITransport, the error that httpx makes of a reset is raised instead, and the caller sees the same.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reset: Callable[[], None] | None = scope.get("state", {}).get(RESET_CONNECTION)
        if reset is None:
            raise httpx.ReadError("the sandbox has reset the connection")
        reset()
        # uvicorn learns of the loss a moment later; who returns before is told off for a missing answer
        while (await receive())["type"] != "http.disconnect":
            pass
