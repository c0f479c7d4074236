"""What waits to be sent to one client: bounded, and never waited for by whoever has something to say."""

import asyncio
import time
from collections import deque
from functools import cached_property

from starlette.types import Send

from chaskiq_core.realtime.memory_bus import QUEUE_LENGTH
from chaskiq_server.direct_websocket import Direct, text_frame

NORMAL_CLOSE = 1000


class Message:
    """A text on its way to any number of clients."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def frame(self) -> bytes:
        """The same as a WebSocket's frame."""
        return text_frame(self.text)


class Outbox:
    """The messages for one WebSocket, in order."""

    def __init__(self, send: Send, direct: Direct | None) -> None:
        self._send = send
        self._direct = direct
        self._waiting: deque[str] = deque()
        self._ring = asyncio.Event()
        self._empty = asyncio.Event()
        self._since: float | None = None
        self.closed = False
        """Whether the last message was put in."""

    def put(self, message: Message) -> bool:
        """Have a message sent; False: there is no room, or it is closed."""
        if self.closed or len(self._waiting) >= QUEUE_LENGTH:
            return False
        if not self._waiting and self._since is None and self._direct and self._direct.write(message.frame):
            return True
        self._waiting.append(message.text)
        self._ring.set()
        return True

    def close(self, text: str, *, at_once: bool = False) -> None:
        """Have the last message sent and the WebSocket closed; `at_once`: what waits is thrown away."""
        if self.closed:
            return
        if at_once:
            self._waiting.clear()
        self._waiting.append(text)
        self.closed = True
        self._ring.set()

    async def room(self) -> None:
        """Return when much more can be put in: at once, or when all that waits was taken by the network."""
        if len(self._waiting) > QUEUE_LENGTH // 2:
            self._empty.clear()
            await self._empty.wait()

    def is_stuck(self, seconds: float) -> bool:
        """Whether the client has not taken a message for so long."""
        return self._since is not None and time.monotonic() - self._since > seconds

    async def write(self) -> None:
        """Send what is put in, up to the last; returns when that is sent or the client is gone."""
        try:
            while not (self.closed and not self._waiting):
                await self._ring.wait()
                self._ring.clear()
                while self._waiting:
                    self._since = time.monotonic()
                    await self._send({"type": "websocket.send", "text": self._waiting.popleft()})
                self._since = None
                self._empty.set()
            await self._send({"type": "websocket.close", "code": NORMAL_CLOSE})
        except OSError:
            pass  # the client is gone
