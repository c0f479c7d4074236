"""A line of `chaskiq doctor`, and those about the house itself: its SQLite, its work, what it keeps."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta

from chaskiq_core.hub import Chaskiq
from chaskiq_core.presenters.as_json import rfc3339
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lane_figures import LaneFigures, lane_figures
from chaskiq_core.store.purge_calls import oldest_call

STUCK_SECONDS = 120.0
"""A lane that is due for longer than that is served by nobody, or by too few."""
GRACE = timedelta(days=1)
FIRST_RACY = (3, 7, 0)
FIRST_SAFE = (3, 51, 3)
WORKS = {"in": "what came in", "out": "what goes out", "job": "work for later"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing, and whether it works."""

    name: str
    ok: bool
    detail: str
    """What was seen."""
    fix: str = ""
    """What to do, if it is not ok or a warning."""
    warning: bool = False
    """It works, and something should be done all the same."""

    def __str__(self) -> str:
        word = "FAILED" if not self.ok else "warn" if self.warning else "ok"
        return f"{word:<6} {self.name}: {self.detail}" + (f"; {self.fix}" if self.fix else "")


def look_at_sqlite(kind: str, version: tuple[int, ...]) -> Iterator[Line]:
    """Whether this build has the race in which a reset of the WAL, met by another writer, may lose commits."""
    if kind != "sqlite":
        return
    shown = ".".join(map(str, version))
    if FIRST_RACY <= version < FIRST_SAFE:
        detail = f"{shown} may damage a file that several processes write to at the same moment"
        fix = "run commands beside the server sparingly, or use a Python with SQLite 3.51.3 or newer"
        yield Line(name="sqlite", ok=True, warning=True, detail=detail, fix=fix)
    else:
        yield Line(name="sqlite", ok=True, detail=f"{shown} is safe with several processes")


async def look_at_work(chaskiq: Chaskiq) -> AsyncIterator[Line]:
    """Whether somebody does what is to be done, and forgets what is old."""
    for figures in await chaskiq.store.house_read(lane_figures):
        yield _lanes(figures)
    kept = chaskiq.settings.retention_days
    oldest = await chaskiq.store.house_read(oldest_call)
    if oldest is not None and utc_now() - oldest > timedelta(days=kept) + GRACE:
        detail = f"the log of provider calls goes back to {rfc3339(oldest)}, and is to be kept {kept} days"
        fix = "let `chaskiq serve` or `chaskiq worker` run: they clear away what is older, once a minute"
        yield Line(name="retention", ok=True, warning=True, detail=detail, fix=fix)
    else:
        yield Line(name="retention", ok=True, detail=f"provider calls are kept {kept} days")


def _lanes(figures: LaneFigures) -> Line:
    name = f"work {figures.kind.value}"
    what = WORKS[figures.kind.value]
    if figures.age_seconds < STUCK_SECONDS:
        return Line(name=name, ok=True, detail=f"{what}: {figures.due} lanes are due")
    detail = f"{what}: {figures.due} lanes wait, the first for {figures.age_seconds:.0f} s"
    fix = "look whether `chaskiq serve` or `chaskiq worker` runs, and what it logs; start more workers if they are busy"
    return Line(name=name, ok=False, detail=detail, fix=fix)
