"""A circuit breaker per integration: after failures in a row it is left alone, then tried with one message."""

import random
from dataclasses import dataclass

from chaskiq_core.errors import RetryLaterError, SendError, UnknownOutcomeError
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.work.gate import Gate

FAILURES = 5
"""In a row, of whatever chats."""
FIRST_SECONDS = 1.0
MAX_SECONDS = 60.0


@dataclass(slots=True)
class _Line:
    failures: int = 0
    opened: int = 0
    """How often in a row it opened."""


class Breaker:
    """Of one process: each worker learns by itself."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lines: dict[IntegrationId, _Line] = {}

    @property
    def open(self) -> frozenset[IntegrationId]:
        """The integrations whose provider is not trusted: left alone now, or tried with one message."""
        return frozenset(one for one, line in self._lines.items() if line.opened)

    def worked(self, integration_id: IntegrationId) -> None:
        """The provider answered, were it to refuse: it is there."""
        if self._lines.pop(integration_id, None) is not None:
            self._gate.widen(integration_id)

    def failed(self, integration_id: IntegrationId, error: SendError) -> None:
        """A send failed; what says that the provider is there, or asks for a pause of its own, does not count."""
        asked = isinstance(error, RetryLaterError) and error.retry_after_seconds is not None
        if asked or not isinstance(error, RetryLaterError | UnknownOutcomeError):
            self.worked(integration_id)
            return
        if integration_id in self._gate.closed():
            return  # it was on its way when the others failed
        line = self._lines.setdefault(integration_id, _Line())
        line.failures += 1
        if line.failures < FAILURES and not line.opened:
            return
        seconds = min(FIRST_SECONDS * 2**line.opened, MAX_SECONDS)
        line.failures, line.opened = 0, line.opened + 1
        self._gate.close(integration_id, seconds * random.uniform(0.75, 1.25))
        self._gate.narrow(integration_id)
