"""How much a provider takes: budgets kept in memory of this process; `redis_limits` shares them between processes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chaskiq_core.outbound.budgets import Budget, Wait

MAX_KEPT = 100_000


class RateLimits(Protocol):
    """The budgets of all accounts and chats."""

    async def take(self, budgets: Sequence[Budget], *, count: int = 1) -> Wait | None:
        """Take `count` messages from all budgets; or nothing from any, and how long to wait."""

    async def pause(self, budget: Budget, seconds: float) -> None:
        """The provider asked for a pause: nothing is taken from this budget for so long."""


@dataclass(slots=True)
class _Kept:
    """Where a budget stands: until when it is used up (the theoretical time of the next message), and its pause."""

    used_until: float = 0.0
    paused_until: float = 0.0


class MemoryLimits:
    """The budgets of one process, by the generic cell rate algorithm: a time for each, and no counting."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def take(self, budgets: Sequence[Budget], *, count: int = 1) -> Wait | None:
        return self.take_now(budgets, count=count)

    def take_now(self, budgets: Sequence[Budget], *, count: int = 1) -> Wait | None:
        """The same; it waits for nothing."""
        now = self._clock()
        longest: Wait | None = None
        used: list[tuple[_Kept, float]] = []
        for budget in budgets:
            kept = self._keep(budget.name, now)
            until = max(kept.used_until, now) + min(count, budget.burst) * budget.interval
            wait = max(until - budget.burst * budget.interval, kept.paused_until) - now
            if wait > 1e-6 and (longest is None or wait > longest.seconds):
                longest = Wait(seconds=wait, whole_account=budget.whole_account)
            used.append((kept, until))
        if longest is None:
            for kept, until in used:
                kept.used_until = until
        return longest

    async def pause(self, budget: Budget, seconds: float) -> None:
        now = self._clock()
        kept = self._keep(budget.name, now)
        kept.paused_until = max(kept.paused_until, now + seconds)

    def _keep(self, name: str, now: float) -> _Kept:
        kept = self._kept.get(name)
        if kept is None:
            if len(self._kept) >= MAX_KEPT:
                self._forget_full(now)
            kept = self._kept[name] = _Kept()
        return kept

    def _forget_full(self, now: float) -> None:
        """A budget whose times are over is full: forgetting it changes nothing."""
        self._kept = {name: kept for name, kept in self._kept.items() if max(kept.used_until, kept.paused_until) > now}
