"""What a fault does to a download."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from chaskiq_core.testing.sandbox.faults import Fault, FaultKind
from chaskiq_core.testing.sandbox.responses import ConnectionReset
from chaskiq_core.testing.sandbox.spoil import Patience, keep_waiting, spoil

PIECES = 4
ANY_FILE = "application/octet-stream"
F = TypeVar("F", bound=Fault)


async def spoil_download(
    fault: F, request: Request, patience: Patience, refuse: Callable[[F], Response], path: Path
) -> Response:
    """The answer that the caller gets instead of the file."""
    match fault.kind:
        case FaultKind.BROKEN_OFF:
            return _BrokenOff(path)
        case FaultKind.WRONG_LENGTH:
            return Response(_read(path, 0, _size(path) // 2), media_type=ANY_FILE)
        case FaultKind.TRICKLE:
            size = _size(path)
            pieces = _trickle(fault.seconds, request, patience, path, size)
            return StreamingResponse(pieces, headers={"Content-Length": str(size)})
        case _:
            whole = FileResponse(path, media_type=ANY_FILE)
            return await spoil(fault, request, patience, refuse, (lambda: whole) if fault.is_carried_out else None)


async def _trickle(seconds: float, request: Request, patience: Patience, path: Path, size: int) -> AsyncIterator[bytes]:
    step = max(1, -(-size // PIECES))
    for at in range(0, size, step):
        await keep_waiting(seconds, request, patience)
        yield _read(path, at, step)


class _BrokenOff(Response):
    """The first half of a file under the length of the whole, then a reset."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path, self._size = path, _size(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", str(self._size).encode()), (b"content-type", ANY_FILE.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = _read(self._path, 0, self._size // 2)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await ConnectionReset()(scope, receive, send)


def _size(path: Path) -> int:
    return path.stat().st_size


def _read(path: Path, at: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(length)
