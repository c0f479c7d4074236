"""How much a provider takes: token buckets per account, chat and group, in memory of this process."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaskiq_core.plugin.manifest import RateLimit

MAX_BUCKETS = 100_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimits:
    """The buckets of one process. Redis will share them between processes; without it each has its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def take(self, limits: Sequence[RateLimit], *, account: str, chat: str, is_group: bool) -> float:
        """Take one send from all buckets concerned: 0 if it may go now, else the seconds to wait, and nothing taken."""
        now = self._clock()
        concerned: list[tuple[_Bucket, RateLimit]] = []
        for limit in limits:
            if limit.scope == "group" and not is_group:
                continue
            name = (account, limit.scope) if limit.scope == "account" else (account, limit.scope, chat)
            concerned.append((self._filled(name, limit, now), limit))
        wait = max(((1 - bucket.tokens) * limit.per_seconds / limit.count for bucket, limit in concerned), default=0.0)
        if wait > 0:
            return wait
        for bucket, _ in concerned:
            bucket.tokens -= 1
        return 0.0

    def _filled(self, name: tuple[str, ...], limit: RateLimit, now: float) -> _Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._forget_full(now)
            bucket = self._buckets[name] = _Bucket(tokens=float(limit.count), at=now)
        bucket.tokens = min(limit.count, bucket.tokens + (now - bucket.at) * limit.count / limit.per_seconds)
        bucket.at = now
        return bucket

    def _forget_full(self, now: float) -> None:
        """Chats that were quiet for two minutes have full buckets: forgetting them changes nothing."""
        self._buckets = {name: bucket for name, bucket in self._buckets.items() if now - bucket.at < 120}
