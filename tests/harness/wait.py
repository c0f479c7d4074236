"""Waiting for what another process or task will bring about, bounded in time."""

from collections.abc import Awaitable, Callable

import anyio

LOOK_SECONDS = 0.02


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float = 30) -> None:
    """Return once `holds` does; TimeoutError when it did not in time."""
    with anyio.fail_after(seconds):
        while not await holds():  # noqa: ASYNC110  what is waited for happens where no event of ours reaches
            await anyio.sleep(LOOK_SECONDS)
