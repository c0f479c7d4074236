"""The templates of integrations, asked of their providers and kept for a while."""

import time
from collections.abc import Callable

from chaskiq_core.errors import ConflictError, NotFoundError, PluginError, SendError
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.plugin.templates import Template

KEPT_SECONDS = 300.0
MAX_KEPT = 1_000


class TemplateBook:
    """Lists templates; what it tells is at most five minutes old."""

    def __init__(self, integrations: IntegrationCache, host: Host, clock: Callable[[], float] = time.monotonic) -> None:
        self._integrations = integrations
        self._host = host
        self._clock = clock
        self._kept: dict[IntegrationId, tuple[tuple[Template, ...], float]] = {}

    async def all(self, app_id: AppId, integration_id: IntegrationId, *, anew: bool = False) -> tuple[Template, ...]:
        """An integration's templates; `anew` asks the provider in any case. ConflictError if it does not tell them."""
        kept = self._kept.get(integration_id)
        if kept is not None and kept[1] > self._clock() and not anew:
            return kept[0]
        channel, integration = await self._integrations.by_id(app_id, integration_id)
        try:
            found = await self._host.list_templates(channel, integration)
        except (SendError, PluginError) as error:
            raise ConflictError(f"{channel.manifest.title} does not tell its templates: {error}") from error
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[integration_id] = (found, self._clock() + KEPT_SECONDS)
        return found

    async def find(self, app_id: AppId, integration_id: IntegrationId, name: str, language: str) -> Template:
        """One template; asked for anew before it is said not to be there."""
        for anew in (False, True):
            found = await self.all(app_id, integration_id, anew=anew)
            if template := next((one for one in found if (one.name, one.language) == (name, language)), None):
                return template
        raise NotFoundError(f"there is no template {name[:80]!r} in {language[:20]!r}")
