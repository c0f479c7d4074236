"""Waiting for what another process or task will bring about, bounded in time."""

import time
from collections.abc import Awaitable, Callable

import anyio

LOOK_SECONDS = 0.02


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float = 30) -> None:
    """Return once `holds` does; TimeoutError when it did not in time."""
    with anyio.fail_after(seconds):
        while not await holds():  # noqa: ASYNC110  what is waited for happens where no event of ours reaches
            await anyio.sleep(LOOK_SECONDS)


def wait_until(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """The same for a test that is no coroutine."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(LOOK_SECONDS)
