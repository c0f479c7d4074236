"""What a dispatcher is: it says which kind of lane has something to do. It may be late, repeat itself, or be silent."""

from typing import Protocol

from chaskiq_core.model import LaneKind


class Ticket(Protocol):
    """A place in the queue for the next wake-up, taken before the look at the lanes, so that none is missed."""

    async def wait(self, timeout_seconds: float) -> None:
        """Return at the first wake-up since the ticket was taken, or after the timeout."""


class Dispatcher(Protocol):
    """Carries wake-ups from whoever committed work to the workers."""

    def wake(self, kinds: frozenset[LaneKind]) -> None:
        """Some lane of these kinds has something to do; never blocks, never raises."""

    def wake_here(self, kinds: frozenset[LaneKind]) -> None:
        """The same for this process only: it can take up more, or is told to stop."""

    def ticket(self, kind: LaneKind) -> Ticket:
        """A ticket for the next wake-up of this kind."""

    async def listen(self) -> None:
        """Hear the wake-ups of other processes until cancelled; run by a process that works."""
