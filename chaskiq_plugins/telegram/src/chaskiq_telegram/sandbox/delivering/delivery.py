"""Webhook delivery as Telegram does it: a FIFO per lane, lanes side by side, retried until taken or too old."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import anyio
import httpx

from chaskiq_telegram.sandbox.delivering.held import Held
from chaskiq_telegram.sandbox.delivering.updates import Lane
from chaskiq_telegram.sandbox.faulty.faults import FaultKind, Faults
from chaskiq_telegram.sandbox.json_value import read_object
from chaskiq_telegram.sandbox.memory.pending import Pending, PendingUpdate, Webhook
from chaskiq_telegram.sandbox.tasks import Bell, first_of, owned_tasks

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
AFTER_SUCCESS = frozenset({FaultKind.LOST_ANSWER, FaultKind.DUPLICATE})
LONGEST_RETRY_AFTER_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient delivery is, and how it knows and passes the time."""

    first_retry_seconds: float  # the wait after the first failure; it doubles from there
    longest_retry_seconds: float  # the cap of that
    timeout_seconds: float  # how long a webhook may take to answer
    now: Callable[[], float]  # unix time
    pause: Callable[[float], Awaitable[None]]  # waits so many seconds

    def delay_seconds(self, failure: "Failure", failures: int) -> float:
        """The wait after this many failures in a row."""
        if failure.retry_after_seconds:
            return min(failure.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS)
        return min(self.first_retry_seconds * 2.0 ** min(failures - 1, 32), self.longest_retry_seconds)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an update was not taken."""

    error: str
    retry_after_seconds: int = 0


class Delivery:
    """One task per lane that has something to deliver; between `running` and its end only."""

    def __init__(
        self, pending: Pending, faults: Faults, pace: Pace, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._pending = pending
        self._held = Held(faults)
        self._faults = faults
        self._pace = pace
        self._transport = transport
        self._start: Callable[[Lane], object] | None = None  # starts a lane's task; None while not running
        self._busy: set[Lane] = set()
        self._limiters: dict[int, anyio.CapacityLimiter] = {}
        self._webhook_changed = Bell()

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

    def wake(self, lane: Lane) -> None:
        """Something was added to the lane."""
        if self._start and lane not in self._busy:
            self._busy.add(lane)
            self._start(lane)

    def wake_all(self, bot_id: int | None = None) -> None:
        """The bot's webhook has changed, or nothing is known: every lane tries again at once."""
        self._webhook_changed.ring()
        self._wake_lanes(bot_id)

    def let_go(self) -> None:
        """Deliver what faults hold back."""
        self._held.release_all()
        self._wake_lanes(None)

    def _wake_lanes(self, bot_id: int | None) -> None:
        for lane in self._pending.lanes(bot_id):
            self.wake(lane)

    async def _drain(self, client: httpx.AsyncClient, lane: Lane) -> None:
        failures = 0
        try:
            while head := self._pending.head(lane, behind=self._held.seqs):
                if self._held.holds(lane.bot_id, head):
                    continue
                changed = self._webhook_changed.rung
                webhook = self._pending.webhook(lane.bot_id)
                if head.expires_at <= self._pace.now():
                    self._pending.remove(head.seq)
                    continue
                if not webhook.url:
                    return
                failure = await self._post(client, lane.bot_id, webhook, head)
                if failure is None:
                    self._pending.remove(head.seq)
                    failures = 0
                    if self._held.release(lane.bot_id):
                        self._wake_lanes(lane.bot_id)
                    continue
                failures += 1
                self._pending.note_error(lane.bot_id, at=self._pace.now(), error=failure.error)
                delay_seconds = self._pace.delay_seconds(failure, failures)
                await first_of(changed.wait, partial(self._pace.pause, delay_seconds))
                if changed.is_set():
                    failures = 0
        finally:
            self._busy.discard(lane)

    async def _post(
        self, client: httpx.AsyncClient, bot_id: int, webhook: Webhook, update: PendingUpdate
    ) -> Failure | None:
        limiter = self._limiters.setdefault(bot_id, anyio.CapacityLimiter(webhook.max_connections))
        limiter.total_tokens = webhook.max_connections
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
        if webhook.secret_token:
            headers[SECRET_HEADER] = webhook.secret_token
        try:
            async with limiter:
                response = await client.post(webhook.url, content=update.body, headers=headers)
        except httpx.ConnectError:
            return Failure("Connection refused")
        except httpx.TimeoutException:
            return Failure("Read timeout expired")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Failure("Webhook connection closed")
        if response.is_success:
            return await self._after_success(client, webhook, update, headers)
        asked = response.headers.get("Retry-After", "")
        return Failure(
            f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}",
            int(asked) if asked.isdecimal() else 0,
        )

    async def _after_success(
        self, client: httpx.AsyncClient, webhook: Webhook, update: PendingUpdate, headers: dict[str, str]
    ) -> Failure | None:
        """The update was taken; a fault may deliver it again, now or as if it were not taken."""
        fault = self._faults.take_delivery(read_object(update.body), AFTER_SUCCESS)
        if fault is None:
            return None
        if fault.kind is FaultKind.LOST_ANSWER:
            return Failure("Read timeout expired")
        with suppress(httpx.HTTPError):
            await client.post(webhook.url, content=update.body, headers=headers)
        return None
