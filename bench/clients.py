"""Clients: tasks that each ask, wait for the answer, and ask again, as doors do."""

from collections.abc import Awaitable, Callable, Iterator

import anyio


async def ask(once: Callable[[int, int], Awaitable[object]], *, clients: int, count: int) -> None:
    """Ask `count` times in all, `clients` at a time; each time with the client's number and the request's."""
    numbers = iter(range(count))
    async with anyio.create_task_group() as tasks:
        for client in range(clients):
            tasks.start_soon(_go_on, once, client, numbers)


async def _go_on(once: Callable[[int, int], Awaitable[object]], client: int, numbers: Iterator[int]) -> None:
    for number in numbers:
        await once(client, number)
