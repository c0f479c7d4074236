"""What a long-running process hears from its supervisor."""

import signal

import anyio


async def told_to_stop() -> None:
    """Return at the first SIGINT or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            break
