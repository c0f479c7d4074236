"""Reads a request's body as it comes in; of one that is too long it keeps nothing."""

import anyio
from starlette.types import Message, Receive, Scope

DISCARDED_FACTOR = 8
"""How many times the limit is read and thrown away, so that a client that sends before it listens hears its 413."""
DISCARD_SECONDS = 10.0


class TooLargeError(Exception):
    """The body is longer than it may be; nothing of it was kept."""


class HungUpError(Exception):
    """The client went away before it had sent the whole body."""


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """The whole body. Raises TooLargeError, by what the client announces or by what it sends, or HungUpError."""
    announced = _announced(scope)
    if announced > max_bytes:
        if not _waits_to_be_asked(scope):
            await _discard(receive, max_bytes * DISCARDED_FACTOR)
        raise TooLargeError
    chunks: list[bytes] = []
    size = 0
    while True:
        chunk, more = _part_of(await receive())
        size += len(chunk)
        if size > max_bytes:
            await _discard(receive, max_bytes * DISCARDED_FACTOR)
            raise TooLargeError
        if not more:
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


def limited(receive: Receive, max_bytes: int) -> Receive:
    """The same body for who reads it piece by piece; TooLargeError once more has come than it may have."""
    left = max_bytes

    async def receive_within() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLargeError
        return message

    return receive_within


async def _discard(receive: Receive, max_bytes: int) -> None:
    """Let the rest of a body pass, as far as is reasonable."""
    with anyio.move_on_after(DISCARD_SECONDS):
        size, more = 0, True
        while more and size <= max_bytes:
            chunk, more = _part_of(await receive())
            size += len(chunk)


def _part_of(message: Message) -> tuple[bytes, bool]:
    if message["type"] != "http.request":
        raise HungUpError
    return message.get("body", b""), message.get("more_body", False)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


def _waits_to_be_asked(scope: Scope) -> bool:
    """Whether the client sends its body only once it is told to go on: it hears a refusal before."""
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in scope["headers"])
