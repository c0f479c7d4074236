"""The cable's URL: the protocol is agreed on, the token looked at, the connection served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from chaskiq_core import Chaskiq
from chaskiq_core.errors import UnavailableError
from chaskiq_core.telemetry import CABLE_CONNECTIONS
from chaskiq_server.access.bearer import Bearers
from chaskiq_server.access.visitors import Visitors
from chaskiq_server.cable.connection import Connection
from chaskiq_server.cable.feed import Feed
from chaskiq_server.cable.history import History
from chaskiq_server.cable.listeners import find_listener
from chaskiq_server.cable.protocol import Protocol, Reason, choose_protocol, disconnect
from chaskiq_server.cable.rounds import Pace, Rounds
from chaskiq_server.direct_websocket import direct_of

PATH = "/cable"


class Cable:
    """Takes WebSocket connections: of agents `?app=KEY&token=…`, of contacts `?app=KEY&session=…`."""

    path_format = PATH

    def __init__(self, chaskiq: Chaskiq, bearers: Bearers, visitors: Visitors, pace: Pace) -> None:
        self._bearers = bearers
        self._visitors = visitors
        self._store = chaskiq.store
        self._feed = Feed(chaskiq.bus)
        self._rounds = Rounds(pace)
        self._history = History(chaskiq.store)
        self._telemetry = chaskiq.telemetry

    @property
    def route(self) -> WebSocketRoute:
        """Its route."""
        return WebSocketRoute(PATH, self, name="cable")

    def wants(self, scope: Scope) -> bool:
        """Whether it is the cable's URL; one below another app's path comes by the route."""
        if scope["type"] != "websocket" or scope["path"] != PATH:
            return False
        scope["endpoint"] = self
        return True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connections are looked after for the length of the block."""
        async with self._rounds.running():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._rounds.accepted += 1
        try:
            await self._serve(WebSocket(scope, receive, send), receive, send)
        finally:
            self._rounds.accepted -= 1

    async def _serve(self, socket: WebSocket, receive: Receive, send: Send) -> None:
        protocol = choose_protocol(socket.scope.get("subprotocols", []))
        # A refused handshake tells a browser nothing: it is accepted, told why, and closed, as Rails does.
        await socket.accept(protocol)
        if self._rounds.is_full:
            await _refuse(socket, Reason.SERVER_FULL)
            return
        try:
            origin = socket.headers.get("origin")
            listener = await find_listener(socket.query_params, origin, self._bearers, self._visitors)
            epoch = self._store.epoch if protocol is Protocol.EXTENDED else None
        except UnavailableError:
            await _refuse(socket, Reason.SERVER_RESTART)
            return
        if listener is None:
            await _refuse(socket, Reason.UNAUTHORIZED)
            return
        if self._rounds.has_enough_of(listener.proof):
            await _refuse(socket, Reason.TOKEN_FULL)
            return
        connection = Connection(
            receive,
            send,
            direct_of(socket.scope),
            listener,
            history=self._history,
            feed=self._feed,
            epoch=epoch,
        )
        self._rounds.add(connection)
        try:
            with self._telemetry.held(CABLE_CONNECTIONS):
                await connection.run()
        finally:
            self._rounds.remove(connection)


async def _refuse(socket: WebSocket, reason: Reason) -> None:
    with suppress(WebSocketDisconnect):
        await socket.send_text(disconnect(reason))
        await socket.close()
