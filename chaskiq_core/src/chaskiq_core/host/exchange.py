"""A hook's way to the network: a client of its own over the shared one, which notes what it asked and was answered."""

import time
from dataclasses import dataclass

import httpx

from chaskiq_core.host.call_log import HttpCall
from chaskiq_core.host.redact import Redactor

MAX_BODY = 2_000
"""Characters that are kept of a body."""
MAX_URL = 500
MAX_KIND = 100
MAX_UTF8_BYTES = 4
MAX_EXCHANGES = 20
"""Requests of one hook that are noted; the rest are made all the same."""
TEXTS = ("json", "text", "xml", "urlencoded", "javascript")


@dataclass(slots=True)
class Exchange:
    """A request and its answer, as httpx has them."""

    request: httpx.Request
    started: float
    seconds: float = 0.0
    response: httpx.Response | None = None
    error: str = ""


class NotingTransport(httpx.AsyncBaseTransport):
    """Hands requests on to the shared client; it is never closed, since nothing of it is its own."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.exchanges: list[Exchange] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = Exchange(request, time.monotonic())
        if len(self.exchanges) < MAX_EXCHANGES:
            self.exchanges.append(exchange)
        try:
            exchange.response = await self._http.send(request, stream=True, follow_redirects=False)
        except httpx.HTTPError as error:
            exchange.error = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise
        finally:
            exchange.seconds = time.monotonic() - exchange.started
        return exchange.response


def noting_client(http: httpx.AsyncClient) -> tuple[httpx.AsyncClient, NotingTransport]:
    """A client for one call of a hook: connections are shared, cookies are not."""
    transport = NotingTransport(http)
    client = httpx.AsyncClient(
        transport=transport, headers=http.headers, timeout=http.timeout, trust_env=False, follow_redirects=False
    )
    return client, transport


def describe(exchange: Exchange, redact: Redactor) -> HttpCall:
    """What is kept of an exchange, once the hook has ended."""
    request, response = exchange.request, exchange.response
    return HttpCall(
        method=request.method,
        url=redact.cut(str(request.url), MAX_URL),
        status=response.status_code if response is not None else None,
        duration_ms=round(_seconds(exchange) * 1_000),
        request=_body(request, redact),
        response=_body(response, redact) if response is not None else "",
        error=redact.cut(exchange.error, MAX_BODY),
    )


def _seconds(exchange: Exchange) -> float:
    """Until the last byte, where it came."""
    try:
        return exchange.response.elapsed.total_seconds() if exchange.response is not None else exchange.seconds
    except RuntimeError:
        return exchange.seconds  # it was not read to its end


def _body(message: httpx.Request | httpx.Response, redact: Redactor) -> str:
    """The beginning of a body that is a text and was read whole; of any other what it is."""
    kind = redact.cut(message.headers.get("content-type", ""), MAX_KIND)
    try:
        content = message.content
    except (httpx.RequestNotRead, httpx.ResponseNotRead):
        length = message.headers.get("content-length")
        return f"({', '.join(filter(None, [kind.partition(';')[0], f'{length} bytes' if length else '', 'streamed']))})"
    if not content:
        return ""
    if kind and not any(text in kind for text in TEXTS):
        return f"({kind.partition(';')[0]}, {len(content)} bytes)"
    enough = content[: redact.reach(MAX_BODY) * MAX_UTF8_BYTES]
    return redact.cut(enough.decode("utf-8", "replace"), MAX_BODY)
