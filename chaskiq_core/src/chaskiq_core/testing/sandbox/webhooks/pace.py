"""How patient a provider is with a webhook that is not taken."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

LONGEST_RETRY_AFTER_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a webhook was not taken."""

    error: str
    retry_after_seconds: int = 0  # as the webhook asked; 0: it did not


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The waits between attempts, and how the provider knows and passes the time."""

    first_retry_seconds: float  # the wait after the first failure; it doubles from there
    longest_retry_seconds: float  # the cap of that
    timeout_seconds: float  # how long a webhook may take to answer
    now: Callable[[], float]  # unix time
    pause: Callable[[float], Awaitable[None]]  # waits so many seconds
    delays: tuple[float, ...] | None = None  # seconds; instead of doubling: these waits, then the provider gives up

    def delay_seconds(self, failure: Failure, failures: int) -> float | None:
        """The wait after this many failures in a row; None: the provider gives up."""
        if self.delays is not None:
            return self.delays[failures - 1] if failures <= len(self.delays) else None
        if failure.retry_after_seconds:
            return min(failure.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS)
        return min(self.first_retry_seconds * 2.0 ** min(failures - 1, 32), self.longest_retry_seconds)
