"""Wake-ups inside one process, for the embedded case: no server to install."""

from dataclasses import dataclass

import anyio

from chaskiq_core.model import LaneKind


@dataclass(frozen=True, slots=True)
class LocalTicket:
    """Waits for one event."""

    event: anyio.Event

    async def wait(self, timeout_seconds: float) -> None:
        with anyio.move_on_after(timeout_seconds):
            await self.event.wait()


class LocalDispatcher:
    """One event per kind of lane, renewed at each wake-up."""

    def __init__(self) -> None:
        self._events: dict[LaneKind, anyio.Event] = {}

    def wake(self, kinds: frozenset[LaneKind]) -> None:
        for kind in kinds:
            if event := self._events.pop(kind, None):
                event.set()

    def wake_here(self, kinds: frozenset[LaneKind]) -> None:
        """There are no others."""
        self.wake(kinds)

    def ticket(self, kind: LaneKind) -> LocalTicket:
        return LocalTicket(self._events.setdefault(kind, anyio.Event()))

    async def listen(self) -> None:
        """There are no others."""
        await anyio.sleep_forever()
