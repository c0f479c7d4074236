"""Refused credentials, renewed by their plugin: one at a time for an integration, and stored before they are used."""

from collections.abc import Mapping
from typing import Protocol
from weakref import WeakValueDictionary

import anyio

from chaskiq_core.errors import PluginError, ReauthError, RetryLaterError, SendError
from chaskiq_core.host.network import Integrated, Network
from chaskiq_core.host.registry import Channel
from chaskiq_core.model.ids import IntegrationId

HOOK = "refresh_credentials"


class Credentials(Protocol):
    """Where an integration's settings are kept."""

    async def current(self, integration: Integrated) -> Integrated:
        """The integration as it is stored now."""
        ...

    async def keep(self, integration: Integrated, changes: Mapping[str, str]) -> Integrated:
        """Store settings that are new; the integration with them. PluginError if they are no valid ones."""
        ...


class Renewal:
    """Asks plugins for new credentials."""

    def __init__(self, network: Network, credentials: Credentials, timeout_seconds: float) -> None:
        self._network = network
        self._credentials = credentials
        self._timeout_seconds = timeout_seconds
        self._locks: WeakValueDictionary[IntegrationId, anyio.Lock] = WeakValueDictionary()

    def is_offered(self, channel: Channel) -> bool:
        """Whether the plugin can do that."""
        return HOOK in channel.hooks

    async def renewed(self, channel: Channel, integration: Integrated, refused: ReauthError) -> Integrated:
        """The integration with other credentials than those that were refused.

        Without, what was refused has surely not been done: ReauthError, or RetryLaterError if it may be had later.
        """
        try:
            return await self._renewed(channel, integration, refused)
        except ReauthError:
            raise
        except SendError as error:
            raise RetryLaterError(f"renewing the credentials failed: {error.message}", code=error.code) from error
        except PluginError as error:
            raise ReauthError(f"{refused.message}; renewing failed: {error}", code=refused.code) from error

    async def _renewed(self, channel: Channel, integration: Integrated, refused: ReauthError) -> Integrated:
        lock = self._locks.setdefault(integration.id, anyio.Lock())
        async with lock:
            current = await self._credentials.current(integration)
            if current.settings != integration.settings:
                return current
            try:
                changes = await self._network.call(channel, HOOK, self._timeout_seconds, current)
            except ReauthError:
                # a token that renews may do so once: another process may have used it just now
                current = await self._credentials.current(integration)
                if current.settings != integration.settings:
                    return current
                raise
            if not isinstance(changes, Mapping) or not all(isinstance(value, str) for value in changes.values()):
                raise PluginError(f"plugin {channel.name}: {HOOK} returned something else than settings")
            if not changes:
                raise refused
            return await self._credentials.keep(current, changes)
