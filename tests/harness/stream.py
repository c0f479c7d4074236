"""A stream in tests: PostgreSQL settles it once older transactions of the whole server have ended."""

from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.changes import START, Position, read_changes
from chaskiq_core.store.store import Acting
from tests.harness.wait import until


async def settled_changes(acting: Acting, count: int, *, after: Position = START) -> list[Published]:
    """The changes of `events`, once there are as many; whether there are more is for the test to say."""
    found: list[Published] = []

    async def enough() -> bool:
        nonlocal found
        found = await acting.read(read_changes, "events", after=after)
        return len(found) >= count

    await until(enough)
    return found
