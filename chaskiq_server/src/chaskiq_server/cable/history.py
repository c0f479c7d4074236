"""What a client missed of a stream: its request read, and the answer from the table of changes."""

from dataclasses import dataclass
from datetime import UTC, datetime

from anyio import CapacityLimiter

from chaskiq_core.plugin import JsonObject
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.changes import read_missed
from chaskiq_core.store.store import Store
from chaskiq_server.cable.feed import Topic

MAX_MISSED = 2_000
"""Messages that are said again at most; who missed more loads what is there."""
READERS = 4
MAX_OFFSET = 2**53 - 1
MAX_SECONDS = 2**40


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """From where on a client missed what was said; neither: it missed nothing."""

    after: int | None = None
    since: datetime | None = None


def read_request(asked: JsonObject, *, stream_id: str, epoch: str) -> Missed | None:
    """`{"since": seconds, "streams": {stream_id: {"epoch", "offset"}}}`; None: malformed, or of another history."""
    streams, since = asked.get("streams") or {}, asked.get("since")
    if not isinstance(streams, dict) or not streams.keys() <= {stream_id}:
        return None
    if stream_id in streams:
        place = streams[stream_id]
        offset = place.get("offset") if isinstance(place, dict) and "epoch" in place else None
        if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset <= MAX_OFFSET:
            return None
        return Missed(after=offset) if place["epoch"] == epoch else None
    if since is None or since is False:
        return Missed()
    if isinstance(since, bool) or not isinstance(since, int | float) or not 0 <= since < MAX_SECONDS:
        return None  # neither is NaN between them
    return Missed(since=datetime.fromtimestamp(since, UTC))


class History:
    """The past of all streams, read for a few clients at a time: after a restart all come back at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._limiter = CapacityLimiter(READERS)

    async def read(self, topic: Topic, asked: JsonObject) -> list[Published] | None:
        """What was missed, oldest first; None: it isn't known any more. Raises UnavailableError."""
        missed = read_request(asked, stream_id=topic.stream_id, epoch=topic.epoch or "")
        if missed is None:
            return None
        if missed.after is None and missed.since is None:
            return []
        async with self._limiter:
            return await self._store.acting(topic.app_id).read(
                read_missed, topic.stream, after=missed.after, since=missed.since, limit=MAX_MISSED
            )
