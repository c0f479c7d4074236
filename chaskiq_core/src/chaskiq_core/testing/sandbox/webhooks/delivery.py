"""Delivery of webhooks as providers do it: a FIFO per lane, lanes side by side, retried until taken or too old."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

import anyio
import httpx

from chaskiq_core.testing.sandbox.faults import Fault, FaultKind, Faults
from chaskiq_core.testing.sandbox.json_value import JsonObject
from chaskiq_core.testing.sandbox.tasks import Bell, first_of, owned_tasks
from chaskiq_core.testing.sandbox.webhooks.held import HOLDING, Held
from chaskiq_core.testing.sandbox.webhooks.pace import Failure, Pace
from chaskiq_core.testing.sandbox.webhooks.posts import Lane, WaitingPost, WaitingPosts

AFTER_SUCCESS = frozenset({FaultKind.LOST_ANSWER, FaultKind.DUPLICATE})
F = TypeVar("F", bound=Fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where an account's webhooks go."""

    url: str
    headers: Mapping[str, str]  # of this attempt: content type, signature, number of the retry
    max_connections: int = 40


class Registered(Protocol):
    """What the provider knows about who registered for webhooks."""

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        """Where this webhook goes after so many failures in a row; None: nowhere for now, it waits."""
        ...

    def facts(self, post: WaitingPost) -> JsonObject:
        """What a fault may ask for: the chat, the kind."""
        ...

    def failed(self, account: str, error: str) -> None:
        """An attempt failed; a provider that shows this keeps it."""
        ...


class Delivery(Generic[F]):
    """One task per lane that has something to deliver; between `running` and its end only."""

    def __init__(
        self,
        posts: WaitingPosts,
        registered: Registered,
        faults: Faults[F],
        pace: Pace,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` carries the deliveries; None is the network."""
        self._posts = posts
        self._registered = registered
        self._faults = faults
        self._held = Held(lambda post: faults.take_delivery(registered.facts(post), HOLDING) is not None)
        self._pace = pace
        self._transport = transport
        self._start: Callable[[Lane], object] | None = None  # starts a lane's task; None while not running
        self._busy: set[Lane] = set()
        self._limiters: dict[str, anyio.CapacityLimiter] = {}
        self._target_changed = Bell()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver what waits and what comes, until the block ends."""
        client = httpx.AsyncClient(
            transport=self._transport,
            timeout=self._pace.timeout_seconds,
            limits=httpx.Limits(max_connections=None),
            trust_env=False,
        )
        async with client, owned_tasks() as tasks:
            self._start = lambda lane: tasks.start_soon(self._drain, client, lane)
            try:
                self.wake_all()
                yield
            finally:
                self._start = None

    def send(self, lane: Lane, body: bytes, *, expires_at: float) -> None:
        """Deliver this webhook after those of its lane that wait."""
        self._posts.add(lane, body, expires_at=expires_at)
        self.wake(lane)

    def wake(self, lane: Lane) -> None:
        """Something was added to the lane."""
        if self._start and lane not in self._busy:
            self._busy.add(lane)
            self._start(lane)

    def wake_all(self, account: str | None = None) -> None:
        """The account's target has changed, or nothing is known: every lane tries again at once."""
        self._target_changed.ring()
        self._wake_lanes(account)

    def let_go(self) -> None:
        """Deliver what faults hold back."""
        self._held.release_all()
        self._wake_lanes(None)

    def _wake_lanes(self, account: str | None) -> None:
        for lane in self._posts.lanes(account):
            self.wake(lane)

    async def _drain(self, client: httpx.AsyncClient, lane: Lane) -> None:
        failures = 0
        try:
            while head := self._posts.head(lane, behind=self._held.seqs):
                if self._held.holds(lane.account, head):
                    continue
                changed = self._target_changed.rung
                if head.expires_at <= self._pace.now():
                    self._posts.remove(head.seq)
                    continue
                target = self._registered.target(lane.account, head, failures)
                if target is None:
                    return
                failure = await self._post(client, lane.account, target, head)
                if failure is None:
                    self._posts.remove(head.seq)
                    failures = 0
                    if self._held.release(lane.account):
                        self._wake_lanes(lane.account)
                    continue
                failures += 1
                self._registered.failed(lane.account, failure.error)
                delay_seconds = self._pace.delay_seconds(failure, failures)
                if delay_seconds is None:
                    self._posts.remove(head.seq)
                    failures = 0
                    continue
                await first_of(changed.wait, partial(self._pace.pause, delay_seconds))
                if changed.is_set():
                    failures = 0
        finally:
            self._busy.discard(lane)

    async def _post(self, client: httpx.AsyncClient, account: str, target: Target, post: WaitingPost) -> Failure | None:
        limiter = self._limiters.setdefault(account, anyio.CapacityLimiter(target.max_connections))
        limiter.total_tokens = target.max_connections
        try:
            async with limiter:
                response = await client.post(target.url, content=post.body, headers=target.headers)
        except httpx.ConnectError:
            return Failure("Connection refused")
        except httpx.TimeoutException:
            return Failure("Read timeout expired")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Failure("Webhook connection closed")
        if response.is_success:
            return await self._after_success(client, target, post)
        asked = response.headers.get("Retry-After", "")
        return Failure(
            f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}",
            int(asked) if asked.isdecimal() else 0,
        )

    async def _after_success(self, client: httpx.AsyncClient, target: Target, post: WaitingPost) -> Failure | None:
        """It was taken; a fault may deliver it again, now or as if it were not taken."""
        fault = self._faults.take_delivery(self._registered.facts(post), AFTER_SUCCESS)
        if fault is None:
            return None
        if fault.kind == FaultKind.LOST_ANSWER:
            return Failure("Read timeout expired")
        with suppress(httpx.HTTPError):
            await client.post(target.url, content=post.body, headers=target.headers)
        return None
