"""What a fault does to a download."""

from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from chaskiq_telegram.sandbox.faulty.faults import Fault, FaultKind
from chaskiq_telegram.sandbox.faulty.spoil import keep_waiting, spoil
from chaskiq_telegram.sandbox.responses import ConnectionReset
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

PIECES = 4


async def spoil_download(fault: Fault, request: Request, sandbox: TelegramSandbox, path: Path) -> Response:
    """The answer that the caller gets instead of the file."""
    match fault.kind:
        case FaultKind.BROKEN_OFF:
            return _BrokenOff(path)
        case FaultKind.WRONG_LENGTH:
            return Response(_read(path, 0, _size(path) // 2), media_type="application/octet-stream")
        case FaultKind.TRICKLE:
            size = _size(path)
            pieces = _trickle(fault.seconds, request, sandbox, path, size)
            return StreamingResponse(pieces, headers={"Content-Length": str(size)})
        case _:
            whole = FileResponse(path, media_type="application/octet-stream")
            return await spoil(fault, request, sandbox, (lambda: whole) if fault.is_carried_out else None)


async def _trickle(
    seconds: float, request: Request, sandbox: TelegramSandbox, path: Path, size: int
) -> AsyncIterator[bytes]:
    step = max(1, -(-size // PIECES))
    for at in range(0, size, step):
        await keep_waiting(seconds, request, sandbox)
        yield _read(path, at, step)


class _BrokenOff(Response):
    """The first half of a file under the length of the whole, then a reset."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path, self._size = path, _size(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", str(self._size).encode()), (b"content-type", b"application/octet-stream")]
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
