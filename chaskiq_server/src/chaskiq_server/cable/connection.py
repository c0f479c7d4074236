"""One client's connection: its subscriptions, its pings, and its token, looked at again and again."""

import time
from contextlib import suppress
from dataclasses import dataclass

import anyio
from anyio.abc import TaskGroup
from starlette.websockets import WebSocket, WebSocketDisconnect

from chaskiq_core.errors import UnavailableError
from chaskiq_core.staff.tokens import SignedIn
from chaskiq_server.access.bearer import Bearers
from chaskiq_server.cable import protocol
from chaskiq_server.cable.feed import Feed
from chaskiq_server.cable.protocol import Command, Reason
from chaskiq_server.cable.subscriptions import may_listen, stream_of

MAX_SUBSCRIPTIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a connection does what it does again."""

    ping_seconds: float = 3
    recheck_seconds: float = 30
    """How long a revoked token may go on listening."""
    send_seconds: float = 20
    """How long a client may take for one message."""


class Connection:
    """An accepted WebSocket of an agent."""

    def __init__(
        self, socket: WebSocket, signed_in: SignedIn, token: str, *, bearers: Bearers, feed: Feed, pace: Pace
    ) -> None:
        self._socket = socket
        self._signed_in = signed_in
        self._token = token
        self._bearers = bearers
        self._feed = feed
        self._pace = pace
        self._subscriptions: dict[str, anyio.CancelScope] = {}
        self._sending = anyio.Lock()
        self._all = anyio.CancelScope()
        self._ended = False

    async def run(self) -> None:
        """Serve the client until it goes, or may no longer stay."""
        async with anyio.create_task_group() as tasks:
            self._all = tasks.cancel_scope
            await self._say(protocol.WELCOME)
            tasks.start_soon(self._ping)
            tasks.start_soon(self._recheck)
            await self._listen(tasks)
            self._leave()

    async def _listen(self, tasks: TaskGroup) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] != "websocket.receive":
                return
            command = protocol.read_command(message.get("text") or "")
            if command is None:
                await self._end(Reason.INVALID_REQUEST)
                return
            match command.name:
                case "subscribe":
                    await self._subscribe(tasks, command)
                case "unsubscribe":
                    if scope := self._subscriptions.pop(command.identifier, None):
                        scope.cancel()
                case _:
                    pass  # `message` will carry typing and presence; what is unknown is none of ours

    async def _subscribe(self, tasks: TaskGroup, command: Command) -> None:
        if command.identifier in self._subscriptions:
            return  # the client asks again until it hears the confirmation, which is on its way
        stream = stream_of(command.asked, self._signed_in)
        if stream is None or len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
            await self._say(protocol.reject(command.identifier))
            return
        scope = self._subscriptions[command.identifier] = anyio.CancelScope()
        tasks.start_soon(self._follow, command.identifier, stream, scope)

    async def _follow(self, identifier: str, stream: str, scope: anyio.CancelScope) -> None:
        with scope, self._feed.listen(self._signed_in.app_id, stream) as changes:
            await self._say(protocol.confirm(identifier))
            async for change in changes:
                await self._say(protocol.message(identifier, self._feed.encode(change)))
            await self._end(Reason.TOO_SLOW)

    async def _ping(self) -> None:
        while True:
            await anyio.sleep(self._pace.ping_seconds)
            await self._say(protocol.ping(int(time.time())))

    async def _recheck(self) -> None:
        while True:
            await anyio.sleep(self._pace.recheck_seconds)
            try:
                found = await self._bearers.find(self._token)
            except UnavailableError:
                continue  # nothing is published while the database is away
            if found is None or found.app_id != self._signed_in.app_id or not may_listen(found):
                await self._end(Reason.UNAUTHORIZED)
                return

    async def _end(self, reason: Reason) -> None:
        """Say why, and close."""
        await self._say(protocol.disconnect(reason), last=True)
        self._leave()

    async def _say(self, text: str, *, last: bool = False) -> None:
        """Send a message; a client that is gone, or does not take it in time, is left."""
        sent = False
        with anyio.move_on_after(self._pace.send_seconds), suppress(WebSocketDisconnect):
            async with self._sending:
                if self._ended:
                    return
                await self._socket.send_text(text)
                if last:
                    self._ended = True
                    await self._socket.close()
            sent = True
        if not sent:
            self._leave()

    def _leave(self) -> None:
        self._ended = True
        self._all.cancel()
