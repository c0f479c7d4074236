"""Row ids: 63 bits of time, node and counter, given by the process, so that a call has the same ids on each run."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

ID_EPOCH_MS = 1_735_689_600_000
"""2025-01-01 UTC; 41 bits of milliseconds last until 2094."""
NODE_BITS = 10
COUNTER_BITS = 12


class IdClock:
    """Gives rising ids, unique among the processes of one database as long as their node numbers differ."""

    def __init__(self, node: int, *, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._node = (node % (1 << NODE_BITS)) << COUNTER_BITS
        self._now_ms = now_ms
        self._last_ms = 0
        self._counter = 0
        self._lock = threading.Lock()

    def next_id(self) -> int:
        """A new id, greater than all this clock gave before, also when the wall clock stepped back."""
        with self._lock:
            ms = self._now_ms() - ID_EPOCH_MS
            if ms > self._last_ms:
                self._last_ms, self._counter = ms, 0
            else:
                self._counter += 1
                if self._counter >> COUNTER_BITS:
                    self._last_ms, self._counter = self._last_ms + 1, 0
            return self._last_ms << (NODE_BITS + COUNTER_BITS) | self._node | self._counter


def first_id(moment: datetime) -> int:
    """The least id that a clock may give at that time; 0 for a time before the epoch."""
    ms = int(moment.timestamp() * 1000) - ID_EPOCH_MS
    return max(0, ms) << (NODE_BITS + COUNTER_BITS)
