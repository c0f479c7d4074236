"""Telegram's published rate limits, for those who want them enforced: a chat 1/s after a burst, a group 20 a minute, a
bot 30/s."""

from dataclasses import dataclass
from math import ceil

from chaskiq_telegram.sandbox.errors import too_many_requests

CHAT_PER_SECOND, CHAT_BURST = 1.0, 5.0
GROUP_PER_SECOND, GROUP_BURST = 20 / 60, 20.0
BOT_PER_SECOND, BOT_BURST = 30.0, 30.0


class Limits:
    """Counts the messages of every bot and chat."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, int, int], _Bucket] = {}

    def take(self, bot_id: int, chat_id: int, *, now: float) -> None:
        """Count one message, or refuse it with the seconds to wait."""
        buckets = [
            self._bucket("chat", bot_id, chat_id, CHAT_PER_SECOND, CHAT_BURST, now),
            self._bucket("bot", bot_id, 0, BOT_PER_SECOND, BOT_BURST, now),
        ]
        if chat_id < 0:
            buckets.append(self._bucket("group", bot_id, chat_id, GROUP_PER_SECOND, GROUP_BURST, now))
        if wait_seconds := max(bucket.wait_seconds(now) for bucket in buckets):
            raise too_many_requests(ceil(wait_seconds))
        for bucket in buckets:
            bucket.level -= 1

    def _bucket(self, name: str, bot_id: int, chat_id: int, per_second: float, burst: float, now: float) -> "_Bucket":
        return self._buckets.setdefault((name, bot_id, chat_id), _Bucket(per_second, burst, burst, now))


@dataclass(slots=True)
class _Bucket:
    per_second: float
    burst: float
    level: float
    at: float

    def wait_seconds(self, now: float) -> float:
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1 - self.level) / self.per_second)
