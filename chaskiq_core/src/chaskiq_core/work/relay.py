"""Hands committed changes to the listeners of this process, each once, however it comes to know of them."""

import abc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
from anyio.lowlevel import checkpoint

from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.store import Store

log = logging.getLogger("chaskiq.realtime")


class Relay(abc.ABC):
    """Between the commits of all processes and the listeners of this one."""

    def __init__(self, store: Store, bus: MemoryBus) -> None:
        self._store = store
        self._bus = bus
        self._wanted = anyio.Event()

    @abc.abstractmethod
    def committed(self, changes: Sequence[Published]) -> None:
        """This process committed changes: hand them on at once; never blocks, never raises."""

    def look_again(self) -> None:
        """Another process may have committed what was not heard of: look into the table soon."""
        self._wanted.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hear of other processes' changes for the length of the block; the store is open."""
        await self._begin()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._run)
            yield
            await self._flush()
            tasks.cancel_scope.cancel()

    @abc.abstractmethod
    async def _begin(self) -> None:
        """Know what was committed before, which nobody waits for."""

    @abc.abstractmethod
    async def _run(self) -> None:
        """Look into the table when it is wanted, until cancelled."""

    async def _flush(self) -> None:
        """Give what other processes should hear a moment to leave."""
        await checkpoint()

    async def _until_wanted(self, seconds: float | None) -> None:
        """Return when somebody wants a look, or the time is over."""
        with anyio.move_on_after(seconds):
            await self._wanted.wait()
        self._wanted = anyio.Event()
