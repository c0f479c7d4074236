"""An integration without a row, for tests that call a plugin through the host."""

from dataclasses import dataclass

from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.plugin import ChannelSettings

FIRST_APP = AppId(1)
FIRST_INTEGRATION = IntegrationId(2)


@dataclass(frozen=True, slots=True)
class Lent:
    """Settings as a stored integration would lend them."""

    settings: ChannelSettings
    hook_token: str = "hook-token"
    app_id: AppId = FIRST_APP
    id: IntegrationId = FIRST_INTEGRATION
