"""The cable's URL: the protocol is agreed on, the token looked at, the connection served."""

from contextlib import suppress

from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from chaskiq_core import Chaskiq
from chaskiq_core.errors import UnavailableError
from chaskiq_core.staff.tokens import SignedIn
from chaskiq_core.telemetry import CABLE_CONNECTIONS
from chaskiq_server.access.bearer import Bearers
from chaskiq_server.cable.connection import Connection, Pace
from chaskiq_server.cable.feed import Feed
from chaskiq_server.cable.protocol import SUBPROTOCOL, Reason, disconnect
from chaskiq_server.cable.subscriptions import may_listen

PATH = "/cable"


def cable_route(chaskiq: Chaskiq, bearers: Bearers, pace: Pace) -> WebSocketRoute:
    """The route of the cable."""
    return WebSocketRoute(PATH, Cable(chaskiq, bearers, pace), name="cable")


class Cable:
    """Takes WebSocket connections of agents: `?app=KEY&token=…`."""

    path_format = PATH

    def __init__(self, chaskiq: Chaskiq, bearers: Bearers, pace: Pace) -> None:
        self._bearers = bearers
        self._feed = Feed(chaskiq.bus)
        self._pace = pace
        self._telemetry = chaskiq.telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        offered = scope.get("subprotocols", [])
        # A refused handshake tells a browser nothing: it is accepted, told why, and closed, as Rails does.
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        token = socket.query_params.get("token", "")
        try:
            signed_in = await self._sign_in(socket.query_params.get("app", ""), token)
        except UnavailableError:
            await _refuse(socket, Reason.SERVER_RESTART)
            return
        if signed_in is None:
            await _refuse(socket, Reason.UNAUTHORIZED)
            return
        connection = Connection(socket, signed_in, token, bearers=self._bearers, feed=self._feed, pace=self._pace)
        with self._telemetry.held(CABLE_CONNECTIONS):
            await connection.run()

    async def _sign_in(self, app_key: str, token: str) -> SignedIn | None:
        signed_in = await self._bearers.find(token) if token else None
        return signed_in if signed_in and signed_in.app_key == app_key and may_listen(signed_in) else None


async def _refuse(socket: WebSocket, reason: Reason) -> None:
    with suppress(WebSocketDisconnect):
        await socket.send_text(disconnect(reason))
        await socket.close()
