"""The relay beside PostgreSQL: own commits at once, others' from Redis, and from the table what came neither way."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio

from chaskiq_core.errors import ChaskiqError, SettingsError
from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.changes import LATE, read_by_ids, read_recent_ids
from chaskiq_core.store.store import Store
from chaskiq_core.work.relay import Relay, log

if TYPE_CHECKING:  # an optional package
    from chaskiq_core.realtime.redis_bus import RedisBus

ALONE_SECONDS = 1.0
"""How often the table is looked at while there is no Redis."""
BESIDE_REDIS_SECONDS = 5.0
"""How often although there is: another process may be cut off from it alone."""
PAGE = 100


class PostgresRelay(Relay):
    """Changes become visible in any order: those of the last seconds that were handed on are known by their ids."""

    def __init__(self, store: Store, bus: MemoryBus, redis_url: str | None, *, listens: bool) -> None:
        super().__init__(store, bus)
        self._redis_url = redis_url
        self._listens = listens
        self._redis: RedisBus | None = None
        self._handed: dict[int, float] = {}
        self._looked_at = time.monotonic()
        """All that was written before was handed on, or nobody was there who listened."""

    def committed(self, changes: Sequence[Published]) -> None:
        for change in changes:
            self._hand(change)
            if self._redis:
                self._redis.send(change)

    async def _begin(self) -> None:
        if self._redis_url:
            self._redis = _make_bus(self._redis_url, self._store.epoch)
        before = await self._store.house_read(read_recent_ids, LATE)
        self._handed.update(dict.fromkeys(before, time.monotonic()))

    async def _run(self) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                if self._redis:
                    tasks.start_soon(self._redis.send_waiting)
                if self._redis and self._listens:
                    tasks.start_soon(self._redis.hear, self._hand, self.look_again)
                if self._listens:
                    await self._look_and_look()
        finally:
            if self._redis:
                await self._redis.close()

    async def _flush(self) -> None:
        if self._redis:
            await self._redis.flush()

    async def _look_and_look(self) -> None:
        while True:
            await self._look()
            near = self._redis is not None and self._redis.connected
            await self._until_wanted(BESIDE_REDIS_SECONDS if near else ALONE_SECONDS)

    async def _look(self) -> None:
        started = time.monotonic()
        try:
            if self._bus.has_listeners:
                await self._hand_missed(timedelta(seconds=started - self._looked_at) + LATE)
        except ChaskiqError as error:
            log.warning("changes could not be read: %s", error)
            return
        except Exception:  # it must not end what runs beside it; the next look may do better
            log.exception("changes could not be read")
            return
        self._looked_at = started
        self._forget(before=started - 2 * LATE.total_seconds())

    async def _hand_missed(self, within: timedelta) -> None:
        recent = await self._store.house_read(read_recent_ids, within)
        missed = [id_ for id_ in recent if id_ not in self._handed]
        for start in range(0, len(missed), PAGE):
            for change in await self._store.house_read(read_by_ids, tuple(missed[start : start + PAGE])):
                self._hand(change)

    def _hand(self, change: Published) -> None:
        _, id_ = change.position
        if id_ not in self._handed:
            self._handed[id_] = time.monotonic()
            self._bus.publish(change)

    def _forget(self, *, before: float) -> None:
        while self._handed and next(iter(self._handed.values())) < before:
            del self._handed[next(iter(self._handed))]


def _make_bus(url: str, epoch: str) -> "RedisBus":
    try:
        from chaskiq_core.realtime.redis_bus import RedisBus
    except ImportError as error:
        raise SettingsError("CHASKIQ_REDIS_URL: Redis needs `pip install chaskiq-core[redis]`") from error
    try:
        return RedisBus(url, epoch)
    except ValueError as error:
        raise SettingsError("CHASKIQ_REDIS_URL: must be redis://HOST:PORT/N, rediss://… or unix://…") from error
