"""Gives each request an id: the client's own, if it is a sane one, or a new one; it comes back as `X-Request-ID`."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaskiq_core.correlation import correlated, is_sane, new_correlation_id

HEADER = "x-request-id"


class RequestIds:
    """What the app does for a request, it does under the request's id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if is_sane(given) else new_correlation_id()

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                # a hook's answer has its own: the webhook's in the ledger
                MutableHeaders(scope=message).setdefault(HEADER, request_id)
            await send(message)

        with correlated(request_id):
            await self._app(scope, receive, telling)
