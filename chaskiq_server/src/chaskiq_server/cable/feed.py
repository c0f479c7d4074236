"""What is said on streams, as JSON: encoded once, however many listen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from anyio.streams.memory import MemoryObjectReceiveStream

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.realtime.streams import Published

MAX_KEPT = 512


class Feed:
    """The bus of a hub, with the encodings of its latest changes."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._encoded: dict[tuple[int, int], tuple[Published, str]] = {}

    @contextmanager
    def listen(self, app_id: AppId, stream: str) -> Iterator[MemoryObjectReceiveStream[Published]]:
        """What is published from now on; it ends when the listener was too slow."""
        with self._bus.listen(app_id, stream) as changes:
            yield changes

    def encode(self, change: Published) -> str:
        """The payload of a change."""
        kept = self._encoded.get(change.position)
        # A position may come again after a purge: only the very same change is taken from here.
        if kept is not None and kept[0] is change:
            return kept[1]
        encoded = json.dumps(change.payload, ensure_ascii=False, separators=(",", ":"))
        if len(self._encoded) >= MAX_KEPT:
            self._encoded.pop(next(iter(self._encoded)))
        self._encoded[change.position] = (change, encoded)
        return encoded
