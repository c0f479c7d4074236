"""Installed channels: added, changed, paused, removed."""

from dataclasses import dataclass
from datetime import datetime

from chaskiq_core.desk.pages import DEFAULT_LIMIT, Page, bounded, read_cursor, write_cursor
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.errors import ConflictError, InvalidError
from chaskiq_core.integrations.add import (
    add_integration,
    change_settings,
    enqueue_install,
    pause,
    remove_integration,
)
from chaskiq_core.integrations.calls import page_calls
from chaskiq_core.integrations.find import find_by_key, list_integrations
from chaskiq_core.integrations.settings import SealedSettings
from chaskiq_core.model import Delivery, DeliveryState, IntegrationState, JsonObject, LaneKind, OnUnknown
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.views import IntegrationView
from chaskiq_core.presenters.integrations import present_integration
from chaskiq_core.staff.agents import find_role
from chaskiq_core.store.unit import Unit

MAX_WOKEN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Installing:
    """An integration whose provider is being told."""

    view: IntegrationView
    job_key: str
    """The install Job's; '' without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCallView:
    """A call to an integration's provider, without secrets."""

    id: str
    hook: str
    """What was asked for: send, edit, fetch_media, install, health …"""
    outcome: str
    """ok | the class of the error, as of a delivery | timeout | plugin_error | refused | cancelled."""
    code: str
    """The provider's; '' without one."""
    error: str
    correlation_id: str | None
    """By which logs call all that it belonged to."""
    started_at: datetime
    duration_ms: int
    http: tuple[JsonObject, ...]
    """Each request: method, url, status (null: no answer), duration_ms, error, and how request and response begin."""


@act(needs=Permission.VIEW)
def integrations(unit: Unit) -> list[IntegrationView]:
    """The App's integrations, oldest first."""
    return [present_integration(row, hook_url=None) for row in list_integrations(unit)]


@act(needs=Permission.VIEW)
def integration(unit: Unit, key: str) -> IntegrationView:
    """One integration."""
    return present_integration(find_by_key(unit, key), hook_url=None)


@act(needs=Permission.MANAGE_CHANNELS)
def calls(
    unit: Unit, key: str, *, failed: bool = False, after: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ProviderCallView]:
    """The calls to an integration's provider, newest first; `failed`: only those that were not ok."""
    size = bounded(limit)
    place = read_cursor(after, 1)
    integration_id = IntegrationId(find_by_key(unit, key).id)
    found = page_calls(unit, integration_id, failed=failed, before=place[0] if place else None, limit=size + 1)
    return Page(
        items=[
            ProviderCallView(
                id=str(call.id),
                hook=call.hook,
                outcome=call.outcome,
                code=call.code,
                error=call.error,
                correlation_id=call.correlation_id,
                started_at=call.started_at,
                duration_ms=call.duration_ms,
                http=tuple(call.http),
            )
            for call in found[:size]
        ],
        next=write_cursor(found[size - 1].id) if len(found) > size else None,
    )


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def add(
    unit: Unit,
    sealed: SealedSettings,
    *,
    name: str = "",
    agent: str | None = None,
    install: bool = True,
    runs_itself: bool = False,
    hook_url: str | None = None,
) -> Installing:
    """A new integration; `runs_itself`: the caller carries out the install Job and the row goes if it is refused."""
    agent_id = find_role(unit, agent)[0].agent_id if agent else None
    row, job_key = add_integration(
        unit, sealed, name=name.strip()[:200], agent_id=agent_id, install=install, runs_itself=runs_itself
    )
    return Installing(view=present_integration(row, hook_url=hook_url), job_key=job_key)


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def change(
    unit: Unit, key: str, sealed: SealedSettings, *, hook_url: str | None = None, runs_itself: bool = False
) -> Installing:
    """Other settings, or another hook token: the provider is told again."""
    row = find_by_key(unit, key, lock=True)
    change_settings(unit, row, sealed)
    job_key = enqueue_install(unit, row, runs_itself=runs_itself)
    return Installing(view=present_integration(row, hook_url=hook_url), job_key=job_key)


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def pause_integration(unit: Unit, key: str) -> IntegrationView:
    """Nothing goes out from now on; what comes in is kept and shown."""
    row = find_by_key(unit, key, lock=True)
    if row.state is IntegrationState.INSTALLING:
        raise ConflictError("the integration is being installed; try again in a moment")
    pause(row)
    return present_integration(row, hook_url=None)


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def resume_integration(unit: Unit, key: str) -> IntegrationView:
    """What waited goes out."""
    row = find_by_key(unit, key, lock=True)
    row.state = IntegrationState.ACTIVE
    row.state_reason = None
    _wake_waiting(unit, IntegrationId(row.id))
    return present_integration(row, hook_url=None)


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def decide_unknown(unit: Unit, key: str, *, on_unknown: str) -> IntegrationView:
    """What happens from now on to what may or may not have left, where its provider can't say: `flag` or `resend`."""
    row = find_by_key(unit, key, lock=True)
    try:
        row.on_unknown = OnUnknown(on_unknown)
    except ValueError:
        raise InvalidError(f"on_unknown: must be one of {', '.join(OnUnknown)}") from None
    return present_integration(row, hook_url=None)


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def remove(unit: Unit, key: str, *, told: bool = False) -> None:
    """The integration is gone; conversations keep what they have. `told`: its provider knows already."""
    remove_integration(unit, find_by_key(unit, key, lock=True), told=told)


def _wake_waiting(unit: Unit, integration_id: IntegrationId) -> None:
    waiting = (Delivery.integration_id == integration_id, Delivery.state == DeliveryState.QUEUED)
    lanes = unit.all(unit.select(Delivery.lane_key).where(*waiting, Delivery.app_id == unit.app_id).distinct())
    unit.change(unit.update(Delivery).where(*waiting).values(due_at=unit.now, version=Delivery.version + 1))
    for lane in lanes[:MAX_WOKEN]:
        unit.wake(LaneKind.OUTBOUND, lane, integration_id=integration_id)
