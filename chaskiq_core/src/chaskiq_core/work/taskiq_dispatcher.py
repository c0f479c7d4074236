"""Wake-ups between processes by a taskiq broker: Redis Streams here, NATS or RabbitMQ by the same interface."""

import logging
import secrets
from contextlib import aclosing

import anyio
from taskiq import AsyncBroker, BrokerMessage
from taskiq.acks import AckableMessage
from taskiq.utils import maybe_awaitable
from taskiq_redis import RedisStreamBroker

from chaskiq_core.model import LaneKind
from chaskiq_core.work.local_dispatcher import LocalDispatcher, LocalTicket

TASK = "chaskiq:look"
AGAIN_SECONDS = 1.0
"""How long a broker that is away is left alone."""
PAUSE_SECONDS = 0.005
"""Between two wake-ups of one process: what is committed meanwhile goes with the next."""
STREAM_LENGTH = 1_000
"""Wake-ups that are kept: older ones say nothing that a look at the lanes does not."""
BLOCK_MS = 2_000
SOCKET_SECONDS = 5.0
LOCK_SECONDS = 5.0
IDLE_MS = 60_000
log = logging.getLogger("chaskiq.work")


def redis_broker(url: str, epoch: str) -> RedisStreamBroker:
    """The broker of one database on a Redis server; two installations on one server don't hear each other."""
    return RedisStreamBroker(
        url,
        queue_name=f"chaskiq:{epoch}:wake",
        consumer_group_name="workers",
        xread_block=BLOCK_MS,
        maxlen=STREAM_LENGTH,
        idle_timeout=IDLE_MS,
        unacknowledged_lock_timeout=LOCK_SECONDS,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
    )


class TaskiqDispatcher:
    """Wakes this process at once, and one other through the broker; a broker that is away delays work, no more."""

    def __init__(self, broker: AsyncBroker) -> None:
        self._broker = broker
        self._local = LocalDispatcher()
        self._pending: set[LaneKind] = set()
        self._to_send = anyio.Event()
        self._away = False

    def wake(self, kinds: frozenset[LaneKind]) -> None:
        self._local.wake(kinds)
        self._pending |= kinds
        self._to_send.set()

    def wake_here(self, kinds: frozenset[LaneKind]) -> None:
        self._local.wake(kinds)

    def ticket(self, kind: LaneKind) -> LocalTicket:
        return self._local.ticket(kind)

    async def send(self) -> None:
        """Pass on what this process commits, until cancelled."""
        while True:
            await self._to_send.wait()
            self._to_send = anyio.Event()
            kinds, self._pending = self._pending, set()
            try:
                await self._broker.kick(_message(kinds))
            except Exception as error:
                await self._is_away(error)
            else:
                self._is_back()
                await anyio.sleep(PAUSE_SECONDS)

    async def listen(self) -> None:
        """Wake this process's workers by what others commit, until cancelled."""
        while True:
            try:
                await self._broker.startup()
                self._is_back()
                async with aclosing(self._broker.listen()) as messages:
                    async for message in messages:
                        await self._hear(message)
            except Exception as error:
                await self._is_away(error)

    async def _hear(self, message: bytes | AckableMessage) -> None:
        data = message.data if isinstance(message, AckableMessage) else message
        self._local.wake(_kinds(data))
        if isinstance(message, AckableMessage):
            await maybe_awaitable(message.ack())

    async def close(self) -> None:
        """Let go of the broker."""
        try:
            await self._broker.shutdown()
        except Exception as error:
            log.debug("the broker could not be closed: %s", error)

    async def _is_away(self, error: Exception) -> None:
        if not self._away:
            log.warning("wake-ups between processes are late, Redis does not answer: %s", type(error).__name__)
        self._away = True
        await anyio.sleep(AGAIN_SECONDS)

    def _is_back(self) -> None:
        if self._away:
            log.info("wake-ups between processes are carried again")
        self._away = False


def _message(kinds: set[LaneKind]) -> BrokerMessage:
    names = ",".join(sorted(kind.value for kind in kinds))
    return BrokerMessage(task_id=secrets.token_hex(8), task_name=TASK, message=names.encode(), labels={})


def _kinds(data: bytes) -> frozenset[LaneKind]:
    """The kinds that a wake-up names; all, if it was written by another version."""
    names = data.decode("utf-8", "replace").split(",")
    known = {kind.value: kind for kind in LaneKind}
    return frozenset(known[name] for name in names if name in known) or frozenset(LaneKind)
