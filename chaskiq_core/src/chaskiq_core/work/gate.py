"""Which integrations may be worked on now: those that can take nothing are not claimed, and keep no slot."""

import time
from collections.abc import Callable, Mapping

from chaskiq_core.model.ids import IntegrationId

PACED_SECONDS = 2.0
"""How long after its last wait an account's lanes are claimed at the account's own pace."""
QUANTUM_SECONDS = 0.05
"""What such an account takes in that time may be claimed at once."""
MAX_BEHIND_SECONDS = 0.25
"""What was missed longer ago is not made up for: an account keeps no more room than its burst."""


class Gate:
    """Of one process: each worker learns by itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[IntegrationId, float] = {}
        self._narrow: set[IntegrationId] = set()
        self._paced: dict[IntegrationId, tuple[float, float]] = {}
        """Seconds between two messages, and until when that is minded."""
        self._taken_until: dict[IntegrationId, float] = {}
        """Of one that is paced: until when what was claimed will keep it busy."""

    def close(self, integration_id: IntegrationId, seconds: float) -> None:
        """Claim none of its lanes for so long; a longer time that stands is kept."""
        until = self._clock() + seconds
        self._until[integration_id] = max(until, self._until.get(integration_id, 0.0))

    def open(self, integration_id: IntegrationId) -> None:
        """Claim its lanes again."""
        self._until.pop(integration_id, None)

    def narrow(self, integration_id: IntegrationId) -> None:
        """Let one lane of it through at a time, once it is open."""
        self._narrow.add(integration_id)

    def widen(self, integration_id: IntegrationId) -> None:
        """Let all its lanes through again."""
        self._narrow.discard(integration_id)

    def pace(self, integration_id: IntegrationId, interval: float) -> None:
        """It takes a message each `interval` seconds: more lanes than that would be claimed in vain."""
        if interval > 0:
            self._paced[integration_id] = (interval, self._clock() + PACED_SECONDS)

    def claimed(self, integration_id: IntegrationId, lanes: int) -> None:
        """So many of its lanes are in hand: of one that is paced, no more until it can take the next."""
        if (paced := self._paced.get(integration_id)) is not None:
            # Counted from where the last claim left off, not from now: the time that a claim takes is not lost.
            until = self._clock() - self._behind(integration_id) + paced[0] * lanes
            self._taken_until[integration_id] = until
            self._until[integration_id] = max(until, self._until.get(integration_id, 0.0))

    def closed(self) -> frozenset[IntegrationId]:
        """The integrations that are closed now."""
        now = self._clock()
        self._until = {one: until for one, until in self._until.items() if until > now}
        return frozenset(self._until)

    @property
    def one_at_a_time(self) -> frozenset[IntegrationId]:
        """The integrations of which one lane may be in hand."""
        return frozenset(self._narrow)

    def at_once(self) -> Mapping[IntegrationId, int]:
        """How many lanes of each paced integration may be claimed at once."""
        now = self._clock()
        self._paced = {one: paced for one, paced in self._paced.items() if paced[1] > now}
        return {
            one: max(1, int((QUANTUM_SECONDS + self._behind(one)) / interval))
            for one, (interval, _) in self._paced.items()
        }

    def opens_in(self) -> float | None:
        """Seconds until the next one opens; None: none is closed."""
        return max(0.0, min(self._until.values()) - self._clock()) if self._until else None

    def _behind(self, integration_id: IntegrationId) -> float:
        """For how many seconds nothing was claimed that it could have taken."""
        now = self._clock()
        return min(max(0.0, now - self._taken_until.get(integration_id, now)), MAX_BEHIND_SECONDS)
