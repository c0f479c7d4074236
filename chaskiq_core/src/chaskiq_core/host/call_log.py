"""What is kept of each call of a channel's network hook, in memory until it is written: bounded, the newest kept."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio

from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.telemetry import CALLS_DROPPED, Telemetry

MAX_WAITING = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """A request that a hook made; all texts are without secrets, and cut."""

    method: str
    url: str
    status: int | None
    """None: no answer came."""
    duration_ms: int
    request: str
    """The body; what is no text is described in brackets."""
    response: str
    error: str
    """What came instead of an answer; '' otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A hook that was called, and what came of it."""

    app_id: AppId
    integration_id: IntegrationId
    hook: str
    outcome: str
    """ok | the class of a SendError | timeout | plugin_error | refused | cancelled."""
    code: str
    """The provider's own; '' without one."""
    error: str
    """The sentence; '' if there was no error."""
    correlation_id: str | None
    """Whose work it was."""
    started_at: datetime
    duration_ms: int
    http: tuple[HttpCall, ...]


class CallLog:
    """Takes calls from the host, and gives them to whoever writes them."""

    def __init__(self, telemetry: Telemetry, *, max_waiting: int = MAX_WAITING) -> None:
        self._telemetry = telemetry
        self._waiting: deque[RecordedCall] = deque()
        self._max_waiting = max_waiting
        self._arrived = anyio.Event()

    def add(self, call: RecordedCall) -> None:
        """Keep a call; never waits. If too many wait, the oldest is forgotten."""
        self._waiting.append(call)
        self._bound()
        self._arrived.set()

    async def arrival(self) -> None:
        """Return when a call waits."""
        while not self._waiting:
            self._arrived = anyio.Event()
            await self._arrived.wait()

    def take(self, limit: int) -> tuple[RecordedCall, ...]:
        """The oldest calls that wait; they are the caller's now."""
        return tuple(self._waiting.popleft() for _ in range(min(limit, len(self._waiting))))

    def put_back(self, calls: Sequence[RecordedCall]) -> None:
        """They could not be written now."""
        self._waiting.extendleft(reversed(calls))
        self._bound()

    def _bound(self) -> None:
        while len(self._waiting) > self._max_waiting:
            self._waiting.popleft()
            self._telemetry.count(CALLS_DROPPED)
