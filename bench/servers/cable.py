"""Chaskiq as `chaskiq serve` runs it, with one door more: a number sent there is said on the stream of events."""

import logging
import socket
from collections.abc import Callable
from functools import partial

import anyio
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from bench.house import settings_of
from bench.listeners import CONTROL_PATH, said
from chaskiq_core.hub import Chaskiq
from chaskiq_core.realtime.streams import AGENTS, EVENTS_STREAM, Published
from chaskiq_server import serving
from chaskiq_server.app import create_app


def serve(listener: socket.socket, on_ready: Callable[[], None], database_url: str, app_key: str) -> None:
    """Serve until killed."""
    logging.getLogger("chaskiq").setLevel(logging.ERROR)
    chaskiq = Chaskiq(settings_of(database_url))
    app = create_app(chaskiq, workers=False)

    async def control(socket: WebSocket) -> None:
        app_id = await chaskiq.store.app_id(app_key)
        await socket.accept()
        async for number in socket.iter_text():
            chaskiq.bus.publish(
                Published(
                    app_id=app_id,
                    stream=EVENTS_STREAM,
                    audience=AGENTS,
                    payload=said(int(number)),
                    position=(0, int(number)),
                )
            )

    app.router.routes.insert(0, WebSocketRoute(CONTROL_PATH, control))
    run = partial(serving.serve, app, listener, on_ready=on_ready, on_stop=chaskiq.stop_work)
    anyio.run(run, backend_options={"use_uvloop": True})
