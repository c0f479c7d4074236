"""Answers over HTTP: JSON as Telegram writes it, and the connection that ends without one."""

from collections.abc import Callable, Mapping

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chaskiq_telegram.sandbox.errors import BotApiError
from chaskiq_telegram.sandbox.json_value import Json, write_json

# server.py puts a function under this name into each connection's ASGI state
RESET_CONNECTION = "reset_connection"


def json_response(body: Mapping[str, Json], *, status: int = 200) -> Response:
    """JSON in ASCII, so that whatever was stored can be shown."""
    return Response(write_json(body), status_code=status, media_type="application/json")


def refusal(error: BotApiError) -> Response:
    """A Bot API error: status, body and, for a 429, its header."""
    response = json_response(error.body, status=error.code)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


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
