"""Carries committed changes to the other processes over Redis; what it can't send it drops: the table is the truth."""

import json
import logging
from collections import deque
from collections.abc import Callable

import anyio
from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import RedisError

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.streams import Published

BUFFER_LENGTH = 1_000
"""Changes that may wait for Redis; one more is dropped, and the others are told to look into the table."""
BATCH = 100
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
QUIET_SECONDS = 1.0
"""How long nothing may be heard before Redis is asked whether it is there, and again before it counts as gone."""
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
FLUSH_SECONDS = 1.0
LOOK = "look"
"""What is said instead of changes that were dropped: the others find them in the table."""
AWAY = (RedisError, OSError)
log = logging.getLogger("chaskiq.realtime")


class _Message(BaseModel):
    """A change on its way between processes."""

    model_config = ConfigDict(strict=True)

    app: int
    stream: str
    audience: str
    xid: int
    id: int
    payload: dict[str, object]


def encode(change: Published) -> str:
    """A change as the other processes read it."""
    xid, id_ = change.position
    place = {"app": change.app_id, "stream": change.stream, "audience": change.audience, "xid": xid, "id": id_}
    return f'{json.dumps(place)[:-1]},"payload":{change.text}}}'


def decode(text: bytes) -> Published:
    """The change in a message; pydantic's ValidationError for what is none."""
    message = _Message.model_validate_json(text)
    return Published(
        app_id=AppId(message.app),
        stream=message.stream,
        audience=message.audience,
        payload=message.payload,
        position=(message.xid, message.id),
    )


class RedisBus:
    """The channel of one database on a Redis: `epoch` keeps the databases apart that share it."""

    def __init__(self, url: str, epoch: str) -> None:
        self._client = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),  # a connection that comes back by itself would hide what was missed
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
        )
        self.channel = f"chaskiq:{epoch}:changes"
        self.connected = False
        """Whether this process hears the others now."""
        self._buffer: deque[str] = deque()
        self._dropped = False
        self._waiting = anyio.Event()
        self._idle = anyio.Event()

    def send(self, change: Published) -> None:
        """Have a change sent soon; never blocks, never raises."""
        if len(self._buffer) >= BUFFER_LENGTH:
            self._dropped = True
        else:
            self._buffer.append(encode(change))
        self._waiting.set()

    async def send_waiting(self) -> None:
        """Send what `send` was given, until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            if not self._buffer and not self._dropped:
                self._idle.set()
                await self._waiting.wait()
                self._idle, self._waiting = anyio.Event(), anyio.Event()
            batch = [self._buffer.popleft() for _ in range(min(BATCH, len(self._buffer)))]
            try:
                await self._publish([LOOK, *batch] if self._dropped else batch)
            except AWAY as error:
                if not self._dropped:
                    log.warning("changes could not be sent to Redis: %s", type(error).__name__)
                self._dropped = True
                self._buffer.clear()
                self._idle.set()
                await anyio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                self._dropped = False
                pause = FIRST_PAUSE_SECONDS

    async def hear(self, on_change: Callable[[Published], None], on_gap: Callable[[], None]) -> None:
        """Call `on_change` with what other processes send, until cancelled.

        `on_gap` is called when something may have been missed: after each connection, and when one is lost.
        """
        pause, told = FIRST_PAUSE_SECONDS, False
        while True:
            try:
                async with self._client.pubsub() as subscription:
                    await subscription.subscribe(self.channel)
                    while await _next(subscription) != ("subscribe", 1):
                        pass
                    self.connected = True
                    pause, told = FIRST_PAUSE_SECONDS, False
                    on_gap()
                    await self._hear_all(subscription, on_change, on_gap)
            except AWAY as error:
                if not told:  # once, however long it lasts; its sentence may quote the URL with its password
                    log.warning("Redis is away (%s): changes are read from the table", type(error).__name__)
                told = True
            if self.connected:
                self.connected = False
                on_gap()
            await anyio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def flush(self) -> None:
        """Give what waits a moment to leave."""
        with anyio.move_on_after(FLUSH_SECONDS):
            if self._buffer:
                await self._idle.wait()

    async def close(self) -> None:
        """Let go of all connections; nothing may be sent or heard any more."""
        with anyio.move_on_after(FLUSH_SECONDS, shield=True):
            await self._client.aclose()

    async def _publish(self, texts: list[str]) -> None:
        async with self._client.pipeline(transaction=False) as pipeline:
            for text in texts:
                pipeline.publish(self.channel, text)
            await pipeline.execute()

    async def _hear_all(
        self, subscription: PubSub, on_change: Callable[[Published], None], on_gap: Callable[[], None]
    ) -> None:
        while True:
            kind, data = await _next(subscription)
            if kind == "message" and data == LOOK.encode():
                on_gap()
            elif kind == "message" and isinstance(data, bytes):
                try:
                    change = decode(data)
                except ValidationError as error:
                    log.warning("a message on %s is none of ours: %s", self.channel, error.errors()[0]["type"])
                else:
                    on_change(change)


async def _next(subscription: PubSub) -> tuple[str, object]:
    """The kind and the data of the next message; LostError when Redis says nothing, asked or not."""
    for _ in range(2):
        message: dict[str, object] | None = await subscription.get_message(timeout=QUIET_SECONDS)
        if message is not None:
            return str(message["type"]), message["data"]
        await subscription.ping()
    raise LostError("Redis does not answer")
