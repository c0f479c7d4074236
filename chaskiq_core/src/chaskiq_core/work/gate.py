"""Integrations that can't take anything for a while: their lanes are not claimed, and keep no slot from others."""

import time
from collections.abc import Callable

from chaskiq_core.model.ids import IntegrationId


class Gate:
    """Which integrations are closed, and until when. Of one process: each worker learns by itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[IntegrationId, float] = {}

    def close(self, integration_id: IntegrationId, seconds: float) -> None:
        """Claim none of its lanes for so long; a longer time that stands is kept."""
        until = self._clock() + seconds
        self._until[integration_id] = max(until, self._until.get(integration_id, 0.0))

    def open(self, integration_id: IntegrationId) -> None:
        """Claim its lanes again."""
        self._until.pop(integration_id, None)

    def closed(self) -> frozenset[IntegrationId]:
        """The integrations that are closed now."""
        now = self._clock()
        self._until = {one: until for one, until in self._until.items() if until > now}
        return frozenset(self._until)

    def opens_in(self) -> float | None:
        """Seconds until the next one opens; None: none is closed."""
        return max(0.0, min(self._until.values()) - self._clock()) if self._until else None
