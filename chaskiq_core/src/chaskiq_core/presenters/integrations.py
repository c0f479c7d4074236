"""An integration as operators see it: its secrets masked."""

from chaskiq_core.model import Integration
from chaskiq_core.plugin.views import IntegrationView


def present_integration(integration: Integration, *, hook_url: str | None) -> IntegrationView:
    """The integration; its hook URL only for who just made it, since the token in it is kept as a hash."""
    return IntegrationView(
        id=integration.key,
        provider=integration.provider,
        name=integration.name,
        state=integration.state.value,
        state_reason=integration.state_reason,
        hook_url=hook_url,
        settings=integration.settings,
        on_unknown=integration.on_unknown.value,
    )
