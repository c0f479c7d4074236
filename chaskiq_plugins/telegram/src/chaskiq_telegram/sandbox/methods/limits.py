"""Telegram's published rate limits, for those who want them enforced: a chat 1/s after a burst, a bot 30/s."""

from dataclasses import dataclass
from math import ceil

from chaskiq_telegram.sandbox.errors import too_many_requests

CHAT_PER_SECOND, CHAT_BURST = 1.0, 5.0
BOT_PER_SECOND, BOT_BURST = 30.0, 30.0


class Limits:
    """Counts the messages of every bot and chat."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[int, int | None], _Bucket] = {}

    def take(self, bot_id: int, chat_id: int, *, now: float) -> None:
        """Count one message, or refuse it with the seconds to wait."""
        of_chat = self._buckets.setdefault((bot_id, chat_id), _Bucket(CHAT_PER_SECOND, CHAT_BURST, CHAT_BURST, now))
        of_bot = self._buckets.setdefault((bot_id, None), _Bucket(BOT_PER_SECOND, BOT_BURST, BOT_BURST, now))
        if wait_seconds := max(of_chat.wait_seconds(now), of_bot.wait_seconds(now)):
            raise too_many_requests(ceil(wait_seconds))
        of_chat.level -= 1
        of_bot.level -= 1


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
