"""Webhook delivery as Telegram does it: a FIFO per lane, lanes side by side, retried until taken or too old."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import anyio
import httpx

from chaskiq_telegram.sandbox.delivering.updates import Lane
from chaskiq_telegram.sandbox.memory.pending import Pending, PendingUpdate, Webhook
from chaskiq_telegram.sandbox.tasks import Bell, first_of, owned_tasks

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
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

    def __init__(self, pending: Pending, pace: Pace, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._pending = pending
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
        for lane in self._pending.lanes(bot_id):
            self.wake(lane)

    async def _drain(self, client: httpx.AsyncClient, lane: Lane) -> None:
        failures = 0
        try:
            while head := self._pending.head(lane):
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
            return None
        asked = response.headers.get("Retry-After", "")
        return Failure(
            f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}",
            int(asked) if asked.isdecimal() else 0,
        )
