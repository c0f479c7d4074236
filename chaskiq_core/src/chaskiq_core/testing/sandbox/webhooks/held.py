"""Webhooks that a fault holds back until the account took another one; a restart lets them go."""

from collections.abc import Callable

from chaskiq_core.testing.sandbox.faults import FaultKind
from chaskiq_core.testing.sandbox.webhooks.posts import WaitingPost

HOLDING = frozenset({FaultKind.HOLD})


class Held:
    """Who is held, and who was."""

    def __init__(self, is_to_hold: Callable[[WaitingPost], bool]) -> None:
        self._is_to_hold = is_to_hold
        self._held: dict[int, str] = {}  # the account of each, by its place in the order of arrival
        self._released: set[int] = set()

    @property
    def seqs(self) -> list[int]:
        return list(self._held)

    def holds(self, account: str, post: WaitingPost) -> bool:
        """Whether a fault holds this one back from now on; nothing is held twice."""
        if post.seq in self._released or not self._is_to_hold(post):
            return False
        self._held[post.seq] = account
        return True

    def release_all(self) -> None:
        """Nothing is held any more."""
        self._released.update(self._held)
        self._held.clear()

    def release(self, account: str) -> bool:
        """The account took one: what was held for it may go; whether there was something."""
        freed = [seq for seq, owner in self._held.items() if owner == account]
        for seq in freed:
            del self._held[seq]
        self._released.update(freed)
        return bool(freed)
