"""Adding, changing and removing integrations: rows only; what the provider must be told is a Job."""

from datetime import timedelta

from chaskiq_core.errors import ConflictError
from chaskiq_core.integrations.find import REMOVED, find_by_account, find_by_key
from chaskiq_core.integrations.polling import start_polling
from chaskiq_core.integrations.settings import SealedSettings
from chaskiq_core.model import (
    ConversationChannel,
    Delivery,
    DeliveryState,
    InboundRequest,
    Integration,
    IntegrationState,
    OnUnknown,
    PartSource,
)
from chaskiq_core.model.ids import AgentId
from chaskiq_core.realtime.streams import AGENTS, EVENTS_STREAM
from chaskiq_core.store.unit import Unit

INSTALL_JOB = "install"
UNINSTALL_JOB = "uninstall"
OTHERS_WAIT = timedelta(seconds=60)
"""How long workers leave an install Job to the command that runs it by itself."""


def add_integration(
    unit: Unit,
    sealed: SealedSettings,
    *,
    name: str,
    agent_id: AgentId | None,
    install: bool,
    runs_itself: bool = False,
) -> tuple[Integration, str]:
    """A new integration and its install Job's key; `runs_itself`: the caller carries the Job out.

    ConflictError if the provider's account is installed already: two would steal each other's webhook.
    """
    key = unit.new_key()
    account = sealed.account or key
    taken = find_by_account(unit, sealed.provider, account)
    if taken is not None:
        raise ConflictError(f"{sealed.provider} account {account} is integration {taken.key} already")
    integration = unit.add(
        Integration(
            app_id=unit.app_id,
            id=unit.new_id(),
            key=key,
            provider=sealed.provider,
            name=name,
            state=IntegrationState.INSTALLING if install else IntegrationState.ACTIVE,
            state_reason=None,
            account=account,
            settings=sealed.shown,
            secrets=sealed.secrets,
            hook_token_hash=sealed.hook_token_hash,
            agent_id=agent_id,
            on_unknown=OnUnknown.FLAG,
            plugin_state={},
            created_at=unit.now,
        )
    )
    if not install:
        if sealed.polls:
            start_polling(unit, integration)
        return integration, ""
    return integration, enqueue_install(unit, integration, runs_itself=runs_itself, remove_if_refused=runs_itself)


def enqueue_install(
    unit: Unit, integration: Integration, *, runs_itself: bool = False, remove_if_refused: bool = False
) -> str:
    """Have the provider told of our webhook; the Job's key."""
    key = f"install/{integration.key}/{unit.new_key()}"
    unit.enqueue(
        INSTALL_JOB,
        key,
        {"integration": integration.key, "remove_if_refused": remove_if_refused},
        lane_key=install_lane(integration.key),
        due=unit.now + OTHERS_WAIT if runs_itself else None,
    )
    return key


def install_lane(integration_key: str) -> str:
    """The lane of an integration's install Jobs."""
    return f"install/{integration_key}"


def change_settings(unit: Unit, integration: Integration, sealed: SealedSettings) -> None:
    """Other settings; the account must stay, since messages are known by it."""
    if sealed.account is not None and sealed.account != integration.account:
        raise ConflictError(
            f"the new settings belong to {sealed.provider} account {sealed.account}, not {integration.account}; "
            "add another integration for it"
        )
    integration.settings = sealed.shown
    integration.secrets = sealed.secrets
    integration.hook_token_hash = sealed.hook_token_hash


def renew_settings(unit: Unit, key: str, sealed: SealedSettings, *, was: str) -> bool:
    """Other credentials of the same account, unless somebody has changed the settings since they were `was`."""
    integration = find_by_key(unit, key, lock=True)
    if integration.secrets != was:
        return False
    change_settings(unit, integration, sealed)
    unit.flush()
    return True


def settle_install(integration: Integration, *, account: str | None, name: str | None) -> None:
    """The provider took our webhook."""
    integration.state = IntegrationState.ACTIVE
    integration.state_reason = None
    integration.account = account or integration.account
    integration.name = integration.name or name or integration.provider


def pause(integration: Integration, *, reason: str | None = None) -> None:
    """Nothing is sent; what comes in is kept."""
    integration.state = IntegrationState.PAUSED
    integration.state_reason = reason


def break_integration(unit: Unit, integration: Integration, reason: str) -> None:
    """The provider refuses our credentials or our webhook: nothing goes out until that is mended; agents are told."""
    integration.state = IntegrationState.BROKEN
    integration.state_reason = reason[:500]
    unit.publish(
        EVENTS_STREAM,
        audience=AGENTS,
        payload={
            "type": "notification",
            "data": {
                "kind": "integration_broken",
                "integration_id": integration.key,
                "provider": integration.provider,
                "name": integration.name,
                "reason": integration.state_reason,
            },
        },
    )


def remove_integration(unit: Unit, integration: Integration, *, told: bool) -> None:
    """Nobody finds it any more; unless its provider was told, a Job takes our webhook away there, and then the row."""
    pause(integration, reason=REMOVED)
    integration.hook_token_hash = f"removed/{integration.key}"
    integration.account = f"removed/{integration.key}"
    unit.change(
        unit.update(Delivery)
        .where(Delivery.integration_id == integration.id, Delivery.state == DeliveryState.QUEUED)
        .values(state=DeliveryState.CANCELLED, settled_at=unit.now)
    )
    unit.change(
        unit.update(Delivery).where(Delivery.integration_id == integration.id).values(stale_since=None, settle_by=None)
    )
    unit.flush()
    if told:
        forget_integration(unit, integration)
    else:
        key = f"uninstall/{integration.key}"
        unit.enqueue(UNINSTALL_JOB, key, {"integration": integration.id}, lane_key=install_lane(integration.key))


def forget_integration(unit: Unit, integration: Integration) -> None:
    """The row goes; one that carried messages stays without its secrets, since parts refer to it."""
    used = any(
        unit.first(unit.select(table).where(table.integration_id == integration.id)) is not None
        for table in (ConversationChannel, PartSource, InboundRequest)
    )
    if used:
        integration.secrets = ""
    else:
        unit.change(unit.delete(Integration).where(Integration.id == integration.id))
