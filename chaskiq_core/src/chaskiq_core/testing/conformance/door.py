"""The hook URL of the kit: webhooks go through the real `receive`, and are kept, so that they can come again."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import anyio
import httpx

from chaskiq_core.hub import Chaskiq
from chaskiq_core.inbound.receive import HookAnswer
from chaskiq_core.plugin import WebhookRequest

HOOKS = "/api/v1/hooks/"


@dataclass(slots=True)
class Taken:
    """A webhook as it came, and what it was answered."""

    token: str
    request: WebhookRequest
    answer: HookAnswer


@dataclass
class HookDoor(httpx.AsyncBaseTransport):
    """Carries the provider's webhooks into the hub that is open now; what comes while none is, waits for the next."""

    taken: list[Taken] = field(default_factory=list)
    swallows: bool = False
    """Whether webhooks are answered 200 and kept, and go no further: the kit lets them in as it likes."""
    _chaskiq: Chaskiq | None = None
    _opened: anyio.Event = field(default_factory=anyio.Event)

    def open_to(self, chaskiq: Chaskiq) -> None:
        """Let webhooks in."""
        self._chaskiq = chaskiq
        self._opened.set()

    def shut(self) -> None:
        """Let none in until the next hub."""
        self._chaskiq = None
        self._opened = anyio.Event()

    async def come(self, token: str, request: WebhookRequest) -> HookAnswer:
        """A webhook, whoever made it."""
        if self.swallows:
            answer = HookAnswer(status=200)
        else:
            while self._chaskiq is None:
                await self._opened.wait()
            answer = await self._chaskiq.answer(token, request)
        self.taken.append(Taken(token, request, answer))
        return answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        came = WebhookRequest(
            method=request.method,
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw},
            query=parts.query,
            body=await request.aread(),
        )
        if not parts.path.startswith(HOOKS):
            return httpx.Response(404, text=f"no hook at {parts.path}")
        answer = await self.come(parts.path.rsplit("/", 1)[1], came)
        return httpx.Response(answer.status, text=answer.body, headers={"content-type": answer.media_type})
