"""The door of providers: the raw request of one integration's hook URL to the receiver, and its answer back.

It knows no provider, and nothing of REST's machinery: a plain route, since thousands come in a second.
"""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chaskiq_core import Chaskiq
from chaskiq_core.inbound.receive import MAX_BODY_BYTES, HookAnswer
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.telemetry import UNKNOWN, WEBHOOKS
from chaskiq_server.bodies import HungUpError, TooLargeError, read_body

HOOKS = "/api/v1/hooks/receiver/"
RECEIVER_PATH = HOOKS + "{token}"
GLOBAL_PATH = "/api/v1/hooks/global/{provider}"


def hook_route(receiver: "Receiver") -> Route:
    """The route of all hook URLs, for every method: which ones an integration takes is the receiver's to say."""
    return Route(RECEIVER_PATH, receiver, name="receive", include_in_schema=False)


def global_route(chaskiq: Chaskiq) -> Route:
    """The route for providers that know one URL for all accounts of an app."""
    return Route(GLOBAL_PATH, GlobalReceiver(chaskiq), name="receive_global", include_in_schema=False)


class Receiver:
    """Takes webhooks over HTTP."""

    path_format = RECEIVER_PATH

    def __init__(self, chaskiq: Chaskiq) -> None:
        self._chaskiq = chaskiq

    def wants(self, scope: Scope) -> bool:
        """Whether it is a hook URL as providers know it; one below another app's path comes by the route."""
        if scope["type"] != "http" or not scope["path"].startswith(HOOKS):
            return False
        token = scope["path"][len(HOOKS) :]
        if not token or "/" in token:
            return False
        scope["path_params"] = {"token": token}
        scope["endpoint"] = self
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (request := await _read(self._chaskiq, scope, receive, send)) is not None:
            await _send(send, await self._chaskiq.answer(scope["path_params"]["token"], request))


class GlobalReceiver:
    """Takes webhooks of whole apps over HTTP: their bodies say whose they are."""

    path_format = GLOBAL_PATH

    def __init__(self, chaskiq: Chaskiq) -> None:
        self._chaskiq = chaskiq

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (request := await _read(self._chaskiq, scope, receive, send)) is not None:
            await _send(send, await self._chaskiq.answer_shared(scope["path_params"]["provider"], request))


async def _read(chaskiq: Chaskiq, scope: Scope, receive: Receive, send: Send) -> WebhookRequest | None:
    """The request; None: who sent it hung up, or was answered that it is too large."""
    try:
        body = await read_body(scope, receive, MAX_BODY_BYTES)
    except HungUpError:
        return None
    except TooLargeError:
        chaskiq.telemetry.count(WEBHOOKS, UNKNOWN, "too_large")
        await _send(send, HookAnswer(status=413, body=f"a webhook may have {MAX_BODY_BYTES} bytes"))
        return None
    return _request(scope, body)


def _request(scope: Scope, body: bytes) -> WebhookRequest:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")  # ASGI's names are lower-case
        # A header that comes twice is one list (RFC 9110): a doubled secret is then not the secret.
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return WebhookRequest(
        method=scope["method"], headers=headers, query=scope["query_string"].decode("latin-1"), body=body
    )


async def _send(send: Send, answer: HookAnswer) -> None:
    body = answer.body.encode("utf-8", "replace")
    headers = [
        (b"content-type", f"{answer.media_type}; charset=utf-8".encode("latin-1", "replace")),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if answer.correlation_id:
        headers.append((b"x-request-id", answer.correlation_id.encode()))
    if answer.status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
