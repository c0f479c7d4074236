"""Integrations as plugins need them, kept for a second, so that a busy hook does not decrypt for each request."""

import time
from collections.abc import Callable
from typing import TypeVar

import anyio

from chaskiq_core.errors import NotFoundError, SettingsError
from chaskiq_core.host.registry import Channel, Registry
from chaskiq_core.integrations.find import find_by_id, find_by_provider, find_by_token
from chaskiq_core.integrations.settings import OpenIntegration, StoredIntegration, open_settings
from chaskiq_core.model import IntegrationState
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.secrets import SecretBox, hash_token
from chaskiq_core.store.store import Store

FOUND_SECONDS = 1.0
"""How long a found integration may be taken from memory; one that isn't there is asked for each time."""
MAX_KEPT = 10_000
Found = tuple[Channel, OpenIntegration]
K = TypeVar("K")


class IntegrationCache:
    """Finds integrations with their channel; what is in it is never older than a second."""

    def __init__(self, store: Store, registry: Registry, box: SecretBox, clock: Callable[[], float] = time.monotonic):
        self._store = store
        self._registry = registry
        self._box = box
        self._clock = clock
        self._asking: dict[str, anyio.Lock] = {}
        self._by_token: dict[str, tuple[Found, float]] = {}
        self._by_id: dict[IntegrationId, tuple[Found, float]] = {}

    async def by_token(self, token: str) -> Found:
        """Whose hook URL it is; NotFoundError for nobody's."""
        if (kept := self._kept(self._by_token, token)) is not None:
            return kept
        # Those who come meanwhile wait for the first one's answer: else a busy hook asks dozens of times each second.
        asking = self._asking.setdefault(token, anyio.Lock())
        async with asking:
            try:
                return self._kept(self._by_token, token) or await self._ask(token)
            finally:
                if not asking.statistics().tasks_waiting:
                    self._asking.pop(token, None)

    async def _ask(self, token: str) -> Found:
        stored = await self._store.house_read(find_by_token, hash_token(token))
        if stored is None:
            raise NotFoundError("no integration has this hook URL")
        return self._keep(self._by_token, token, self._open(stored))

    async def by_id(self, app_id: AppId, integration_id: IntegrationId) -> Found:
        """The integration of a row; NotFoundError if it was removed."""
        if (kept := self._kept(self._by_id, integration_id)) is not None:
            return kept
        stored = await self._store.acting(app_id).read(find_by_id, integration_id)
        if stored is None:
            raise NotFoundError("the integration was removed")
        return self._keep(self._by_id, integration_id, self._open(stored))

    def forget(self, integration_id: IntegrationId) -> None:
        """Ask for it anew: its settings are others now."""
        self._by_id.pop(integration_id, None)
        self._by_token.clear()

    def channel(self, provider: str) -> Channel:
        """The channel of a provider; NotFoundError for one that is not installed."""
        return self._registry.channel(provider)

    async def by_accounts(self, provider: str, accounts: tuple[str, ...] | None) -> list[OpenIntegration]:
        """The integrations of a provider's accounts, in whatever Apps; None: of all its accounts."""
        found = await self._store.house_read(find_by_provider, provider, accounts)
        return [self._open(one)[1] for one in found]

    def clear(self) -> None:
        """Forget everything: another process has written."""
        self._by_token.clear()
        self._by_id.clear()

    def _open(self, stored: StoredIntegration) -> Found:
        channel = self._registry.channels.get(stored.provider)
        if channel is None:
            reason = self._registry.why_missing(stored.provider)
            raise SettingsError(f"integration {stored.provider}/{stored.key} can't be used: {reason}")
        return channel, open_settings(channel.manifest, stored, self._box)

    def _kept(self, cache: dict[K, tuple[Found, float]], key: K) -> Found | None:
        kept = cache.get(key)
        return kept[0] if kept and kept[1] > self._clock() else None

    def _keep(self, cache: dict[K, tuple[Found, float]], key: K, found: Found) -> Found:
        if found[1].stored.state is IntegrationState.PAUSED:
            return found  # whoever resumes it, in whatever process, must not be answered by an old look at it
        if len(cache) >= MAX_KEPT:
            cache.clear()
        cache[key] = (found, self._clock() + FOUND_SECONDS)
        return found
