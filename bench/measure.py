"""Measuring: contenders take turns in each repeat, so that a noisy machine hits them all."""

import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

Work = Callable[[int], Awaitable[None]]


async def nothing(count: int) -> None:
    """What a contender that needs no preparation does."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to do a number of pieces of work; what it prepares for them is not timed."""

    name: str
    work: Work
    prepare: Work = nothing


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the repeats: its median and what lies around it."""

    median: float
    low: float
    high: float


@dataclass(slots=True)
class Rates:
    """What a contender did per second, in each repeat."""

    name: str
    per_second: list[float] = field(default_factory=list)

    @property
    def spread(self) -> Spread:
        """The rates over the repeats."""
        return spread_of(self.per_second)

    def ratios_to(self, baseline: "Rates") -> Spread:
        """The ratios within each repeat: what slowed a whole repeat down does not count."""
        return spread_of([a / b for a, b in zip(self.per_second, baseline.per_second, strict=True)])


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: the number of repeats, and the part of the full work that each does."""

    repeats: int
    part: float

    def of(self, count: int) -> int:
        """So many pieces of work."""
        return max(1, round(count * self.part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """One more figure of a line, and what it may be at most, if there is a goal."""

    name: str
    unit: str
    spread: Spread
    at_most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table: a figure, its baseline if it has one, and the ratio that is wanted, if one is."""

    bench: str
    case: str
    database: str
    subject: Rates
    baseline: Rates | None = None
    goal: float | None = None
    also: tuple[Also, ...] = ()


async def take_turns(contenders: Sequence[Contender], *, count: int, repeats: int) -> list[Rates]:
    """Let each do the work in each repeat; the first round warms up connections and caches, and is not counted."""
    rates = [Rates(contender.name) for contender in contenders]
    for contender in contenders:
        await _per_second(contender, max(1, count // 4))
    for _ in range(repeats):
        for contender, measured in zip(contenders, rates, strict=True):
            measured.per_second.append(await _per_second(contender, count))
        _tell_progress()
    return rates


async def _per_second(contender: Contender, count: int) -> float:
    await contender.prepare(count)
    gc.collect()  # the litter of the one before is not this one's
    started = time.perf_counter()
    await contender.work(count)
    return count / (time.perf_counter() - started)


def _tell_progress() -> None:
    print(".", end="", file=sys.stderr, flush=True)


def spread_of(figures: Sequence[float]) -> Spread:
    """Median, lowest and highest."""
    return Spread(statistics.median(figures), min(figures), max(figures))
