"""Webhooks as every sandbox delivers them, to an app of one's own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import (
    Database,
    Delivery,
    Fault,
    FaultKind,
    Faults,
    JsonObject,
    Lane,
    Pace,
    Target,
    WaitingPost,
    WaitingPosts,
)

pytestmark = pytest.mark.anyio
TIMEOUT_SECONDS = 10


@dataclass
class Acme:
    """Who registered, and what came of it."""

    errors: list[str] = field(default_factory=list)
    url: str = "http://hook/"

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        headers = {"Content-Type": "application/json", "X-Retry": str(failures)}
        return Target(url=self.url, headers=headers) if self.url else None

    def facts(self, post: WaitingPost) -> JsonObject:
        return {"text": post.body.decode()}

    def failed(self, account: str, error: str) -> None:
        self.errors.append(error)


@dataclass
class Hook:
    """Takes webhooks, after as many failures as it was told."""

    failures: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)  # the retry's number and the body
    got: anyio.Event = field(default_factory=anyio.Event)

    async def answer(self, request: Request) -> Response:
        body = (await request.body()).decode()
        if self.failures:
            self.failures -= 1
            return Response(status_code=503)
        self.taken.append((request.headers["x-retry"], body))
        self.got.set()
        return Response()

    async def wait_for(self, count: int) -> None:
        with anyio.fail_after(TIMEOUT_SECONDS):
            while len(self.taken) < count:
                self.got = anyio.Event()
                await self.got.wait()


def delivery_to(
    hook: Hook, acme: Acme, faults: Faults[Fault], pause: Callable[[float], Awaitable[None]], delays: tuple[float, ...]
) -> Delivery[Fault]:
    pace = Pace(
        first_retry_seconds=1, longest_retry_seconds=60, timeout_seconds=5, now=lambda: 0.0, pause=pause, delays=delays
    )
    app = Starlette(routes=[Route("/", hook.answer, methods=["POST"])])
    return Delivery(WaitingPosts(Database()), acme, faults, pace, httpx.ASGITransport(app))


async def test_a_provider_that_gives_up_goes_on_with_the_next() -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    hook, acme = Hook(failures=3), Acme()
    delivery = delivery_to(hook, acme, Faults[Fault](), pause, delays=(1, 60))

    async with delivery.running():
        delivery.send(Lane("a", ""), b"lost", expires_at=10)
        delivery.send(Lane("a", ""), b"taken", expires_at=10)
        await hook.wait_for(1)

    assert (hook.taken, waited) == ([("0", "taken")], [1, 60])
    assert acme.errors == ["Wrong response from the webhook: 503 Service Unavailable"] * 3


async def test_what_is_sent_to_nowhere_waits_for_an_address() -> None:
    hook, acme = Hook(), Acme(url="")
    delivery = delivery_to(hook, acme, Faults[Fault](), anyio.sleep, delays=())

    async with delivery.running():
        delivery.send(Lane("a", ""), b"early", expires_at=10)
        acme.url = "http://hook/"
        delivery.wake_all("a")
        await hook.wait_for(1)

    assert hook.taken == [("0", "early")]


async def test_faults_deliver_twice_late_and_again() -> None:
    async def pause(seconds: float) -> None:
        await anyio.lowlevel.checkpoint()

    hook, acme, faults = Hook(), Acme(), Faults[Fault]()
    faults.add(Fault(kind=FaultKind.HOLD, where={"text": "one"}))
    faults.add(Fault(kind=FaultKind.DUPLICATE, where={"text": "two"}))
    faults.add(Fault(kind=FaultKind.LOST_ANSWER, where={"text": "one"}))
    delivery = delivery_to(hook, acme, faults, pause, delays=(1,))

    async with delivery.running():
        for text in (b"one", b"two"):
            delivery.send(Lane("a", ""), text, expires_at=10)
        await hook.wait_for(4)

    assert hook.taken == [("0", "two"), ("0", "two"), ("0", "one"), ("1", "one")]
