"""Updates that a fault holds back until the bot took another one; kept in memory, so a restart lets them go."""

from chaskiq_telegram.sandbox.faulty.faults import FaultKind, Faults
from chaskiq_telegram.sandbox.json_value import read_object
from chaskiq_telegram.sandbox.memory.pending import PendingUpdate

HOLDING = frozenset({FaultKind.HOLD})


class Held:
    """Who is held, and who was."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._held: dict[int, int] = {}  # the bot of each, by its place in the order of arrival
        self._released: set[int] = set()

    @property
    def seqs(self) -> list[int]:
        return list(self._held)

    def holds(self, bot_id: int, update: PendingUpdate) -> bool:
        """Whether a fault holds this update back from now on; nothing is held twice."""
        if update.seq in self._released or not self._faults.take_delivery(read_object(update.body), HOLDING):
            return False
        self._held[update.seq] = bot_id
        return True

    def release_all(self) -> None:
        """Nothing is held any more."""
        self._released.update(self._held)
        self._held.clear()

    def release(self, bot_id: int) -> bool:
        """The bot took an update: what was held for it may go; whether there was something."""
        freed = [seq for seq, owner in self._held.items() if owner == bot_id]
        for seq in freed:
            del self._held[seq]
        self._released.update(freed)
        return bool(freed)
