"""Small pieces of concurrency: tasks that end with their block, the first of several waits, a bell."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def owned_tasks() -> AsyncIterator[TaskGroup]:
    """Tasks that are cancelled when the block ends; the block's own exception comes out bare, not in a group."""
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        try:
            yield tasks
        except Exception as raised:
            failure = raised
        tasks.cancel_scope.cancel()
    if failure:
        raise failure


async def first_of(*waits: Callable[[], Awaitable[object]]) -> None:
    """Return when one of the waits does; the others are cancelled."""
    async with anyio.create_task_group() as racing:

        async def run(wait: Callable[[], Awaitable[object]]) -> None:
            await wait()
            racing.cancel_scope.cancel()

        for wait in waits:
            racing.start_soon(run, wait)


class Bell:
    """Wakes all who wait now; take `rung` before looking, so that no ring is missed."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    @property
    def rung(self) -> anyio.Event:
        """Set at the next ring."""
        return self._event

    def ring(self) -> None:
        event, self._event = self._event, anyio.Event()
        event.set()
