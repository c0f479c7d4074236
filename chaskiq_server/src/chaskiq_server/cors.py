"""The messenger's URLs may be asked by pages of other sites: which ones, the messenger itself decides."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from chaskiq_server.rest.messenger import MESSENGER_PATH

MAX_AGE_SECONDS = 86_400


class MessengerCors:
    """CORS for the messenger alone: its answers depend on a session in a header, never on a cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
            max_age=MAX_AGE_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_messenger = scope["type"] == "http" and scope["path"].startswith(f"{MESSENGER_PATH}/")
        await (self._shared if is_messenger else self._app)(scope, receive, send)
