"""Logs each request by its route's template: URLs hold tokens, so none is ever written."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaskiq_core.correlation import correlated, correlation_id
from chaskiq_server.request_ids import HEADER

log = logging.getLogger("chaskiq.access")

UNROUTED = "-"
STRANGERS_FAULT = ("Invalid UTF-8 sequence received from client.", "parser failed", "opening handshake failed")
"""What uvicorn and websockets log with a traceback although a stranger's bytes are to blame."""


class AccessLog:
    """Logs method, route template, status and duration of every request and WebSocket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        status, request_id = 0, correlation_id() or ""
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status, request_id
            match message["type"]:
                case "http.response.start":
                    status = message["status"]
                    request_id = Headers(raw=message.get("headers", [])).get(HEADER, request_id)
                case "websocket.accept":
                    status = 101
                case "websocket.close":
                    status = status or 403
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except BaseException:
            status = status or 500
            raise
        finally:
            # Starlette's own routes say nothing in the scope: their endpoints have the template.
            route = scope.get("route") or scope.get("endpoint")
            template = getattr(route, "path_format", UNROUTED)
            took_ms = (time.perf_counter() - started) * 1000
            with correlated(request_id or None):
                log.info("%s %s %d %.1f ms", scope.get("method", "WEBSOCKET"), template, status, took_ms)


@contextmanager
def urls_hidden() -> Iterator[None]:
    """Within, uvicorn writes no access log, and the URLs in its other lines lose their queries."""
    access, others = logging.getLogger("uvicorn.access"), logging.getLogger("uvicorn.error")
    was_disabled, access.disabled = access.disabled, True
    others.addFilter(_without_secrets)
    try:
        yield
    finally:
        access.disabled = was_disabled
        others.removeFilter(_without_secrets)


def _without_secrets(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            argument.partition("?")[0] if isinstance(argument, str) and argument.startswith("/") else argument
            for argument in record.args
        )
    if record.msg in STRANGERS_FAULT:
        record.exc_info = None
    return True
