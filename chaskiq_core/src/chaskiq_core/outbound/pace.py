"""How fast an integration may send: its budgets, the provider's pauses, and a breaker for one that does not answer."""

import time
from collections.abc import Callable

from chaskiq_core.errors import RetryLaterError, SendError
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.outbound.breaker import Breaker
from chaskiq_core.outbound.budgets import Budget, Wait, budgets_of
from chaskiq_core.outbound.head import Head
from chaskiq_core.outbound.limits import RateLimits
from chaskiq_core.plugin.manifest import Manifest
from chaskiq_core.telemetry import BREAKERS, LIMITER_SECONDS, LIMITER_WAITS, Telemetry
from chaskiq_core.work.gate import Gate

MAX_PAUSE_SECONDS = 3600.0
"""What a provider asks beyond that is not believed."""


class Pace:
    """Asked before each send, told after it. Of one process; the budgets may be shared by all."""

    def __init__(
        self,
        limits: RateLimits,
        gate: Gate,
        telemetry: Telemetry,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._gate = gate
        self._telemetry = telemetry
        self._clock = clock
        self.breaker = Breaker(gate)
        self._asked: dict[str, tuple[str, float]] = {}
        """By account: the chat that was last asked to wait, and until when."""
        self._shown: set[IntegrationId] = set()

    async def take(self, manifest: Manifest, stored: StoredIntegration, head: Head, *, count: int = 1) -> Wait | None:
        """Take room for a message; or how long there is none. While the account has none, its lanes are left alone."""
        budgets = _budgets(manifest, stored.account, head)
        wait = await self._limits.take(budgets, count=count)
        if wait is not None:
            self._telemetry.count(LIMITER_WAITS, manifest.provider)
            self._telemetry.count(LIMITER_SECONDS, manifest.provider, by=wait.seconds)
        if wait is not None and wait.whole_account:
            self._gate.close(head.integration_id, wait.seconds)
            self._gate.pace(head.integration_id, budgets[0].interval)
        return wait

    def worked(self, manifest: Manifest, integration_id: IntegrationId) -> None:
        """The provider took a message."""
        self.breaker.worked(integration_id)
        self._show(manifest, integration_id)

    async def failed(self, manifest: Manifest, stored: StoredIntegration, head: Head, error: SendError) -> None:
        """It did not. What it asked for pauses the chat; asked of two chats at once, the account."""
        self.breaker.failed(head.integration_id, error)
        self._show(manifest, head.integration_id)
        if not isinstance(error, RetryLaterError) or error.retry_after_seconds is None:
            return
        seconds = min(max(0.0, error.retry_after_seconds), MAX_PAUSE_SECONDS)
        account, chat, *_ = _budgets(manifest, stored.account, head)
        other, until = self._asked.get(account.name, (chat.name, 0.0))
        self._asked[account.name] = (chat.name, self._clock() + seconds)
        await self._limits.pause(chat, seconds)
        if error.whole_account or (other != chat.name and until > self._clock()):
            await self._limits.pause(account, seconds)
            self._gate.close(head.integration_id, seconds)

    def _show(self, manifest: Manifest, integration_id: IntegrationId) -> None:
        """The gauge of open breakers, by provider."""
        before = integration_id in self._shown
        if (now := integration_id in self.breaker.open) != before:
            self._shown ^= {integration_id}
            self._telemetry.count(BREAKERS, manifest.provider, "open", by=1.0 if now else -1.0)


def _budgets(manifest: Manifest, account: str, head: Head) -> tuple[Budget, ...]:
    return budgets_of(
        manifest.rate_limits,
        provider=manifest.provider,
        account=account,
        chat=head.channel_id,
        is_group=head.is_group,
    )
