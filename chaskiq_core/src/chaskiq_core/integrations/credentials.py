"""Settings that a plugin renews, stored as an operator's change would be."""

from collections.abc import Mapping

from chaskiq_core.errors import ConflictError, InvalidError, PluginError
from chaskiq_core.host.network import Integrated
from chaskiq_core.integrations.add import renew_settings
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.settings import OpenIntegration, change_values, seal_settings
from chaskiq_core.secrets import SecretBox, hash_token
from chaskiq_core.store.store import Store


class StoredCredentials:
    """Reads and changes the credentials of integrations."""

    def __init__(self, store: Store, integrations: IntegrationCache, box: SecretBox) -> None:
        self._store = store
        self._integrations = integrations
        self._box = box

    async def current(self, integration: Integrated) -> OpenIntegration:
        """The integration as it is stored now."""
        self._integrations.forget(integration.id)
        _, found = await self._integrations.by_id(integration.app_id, integration.id)
        return found

    async def keep(self, integration: Integrated, changes: Mapping[str, str]) -> OpenIntegration:
        """Store settings that are new; the integration with them, or with what somebody else has stored meanwhile."""
        found = await self.current(integration)
        manifest = self._integrations.channel(found.stored.provider).manifest
        try:
            settings, hook_token = change_values(manifest, found.stored, changes, self._box)
            sealed = seal_settings(
                manifest, settings, hook_token=hook_token, hook_token_hash=hash_token(hook_token), box=self._box
            )
            acting = self._store.acting(found.app_id)
            await acting.write(renew_settings, found.stored.key, sealed, was=found.stored.secrets)
        except (InvalidError, ConflictError) as error:
            raise PluginError(f"{manifest.title}: the renewed credentials can't be stored: {error}") from error
        return await self.current(integration)
