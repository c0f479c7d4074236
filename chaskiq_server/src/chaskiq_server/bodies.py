"""Reads a request's body as it comes in, and no further than it may be long."""

from starlette.types import Receive, Scope


class TooLargeError(Exception):
    """The body is longer than it may be; its rest was not read."""


class HungUpError(Exception):
    """The client went away before it had sent the whole body."""


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """The whole body. Raises TooLargeError, by what the client announces or by what it sends, or HungUpError."""
    if _announced(scope) > max_bytes:
        raise TooLargeError
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise HungUpError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise TooLargeError
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0
