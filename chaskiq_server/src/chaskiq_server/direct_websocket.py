"""uvicorn's WebSocket protocol, with a way to write a frame at once: what thousands hear alike is then framed once."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

EXTENSION = "chaskiq.direct"
"""In the scope's `extensions`; only without compression, where a frame is the same for all."""


@dataclass(frozen=True, slots=True)
class Direct:
    """What can be done with a WebSocket besides ASGI's `send`."""

    write: Callable[[bytes], bool]
    """Write a frame; False: the client takes no more now, or is gone, of which `send` tells."""
    abort: Callable[[], None]
    """Let go of the connection, whatever the client has not taken."""


def direct_of(scope: Scope) -> Direct | None:
    """The ways of a WebSocket; None on another server than ours."""
    found: dict[str, Direct] = scope.get("extensions", {}).get(EXTENSION, {})
    return found.get("direct")


def text_frame(text: str) -> bytes:
    """A server's frame."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class DirectWebSocket(WebSocketsSansIOProtocol):
    """One connection."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not (self.handshake_complete or self.config.ws_per_message_deflate):
            self.scope["extensions"][EXTENSION] = {"direct": Direct(self._write_frame, self._abort)}

    def _write_frame(self, frame: bytes) -> bool:
        if self.close_sent or self.disconnected or self.transport.is_closing() or not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True

    def _abort(self) -> None:
        self.transport.abort()
