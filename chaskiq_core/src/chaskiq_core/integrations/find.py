"""Finding integrations: by the hash of their hook token, by id, by key."""

from collections.abc import Iterable, Sequence

from chaskiq_core.errors import NotFoundError
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.model import Integration, IntegrationState
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.store.unit import HouseUnit, Unit

MAX_SHARING = 100
"""Integrations that one webhook of a whole app is tried on."""
REMOVED = "removed"
"""The reason of a row that is kept for its parts only: nobody finds it by its key any more."""


def find_by_token(house: HouseUnit, hook_token_hash: str) -> StoredIntegration | None:
    """Whose hook URL it is; None: nobody's."""
    row = house.first(house.select(Integration).where(Integration.hook_token_hash == hook_token_hash))
    return stored(row) if row else None


def find_by_provider(house: HouseUnit, provider: str, accounts: tuple[str, ...] | None) -> list[StoredIntegration]:
    """The integrations of a provider's accounts, in whatever Apps, oldest first; None: of all its accounts."""
    statement = house.select(Integration).where(Integration.provider == provider)
    if accounts is not None:
        statement = statement.where(Integration.account.in_(accounts))
    rows = house.all(statement.order_by(Integration.id).limit(MAX_SHARING))
    return [stored(row) for row in rows if row.state_reason != REMOVED]


def find_by_id(unit: Unit, integration_id: IntegrationId) -> StoredIntegration | None:
    """The integration of that row."""
    row = unit.first(unit.select(Integration).where(Integration.id == integration_id))
    return stored(row) if row else None


def find_by_key(unit: Unit, key: str, *, lock: bool = False) -> Integration:
    """The integration of that key; NotFoundError otherwise."""
    statement = unit.select(Integration).where(Integration.key == key)
    found = unit.lock(statement) if lock else unit.all(statement)
    if not found or found[0].state_reason == REMOVED:
        raise NotFoundError(f"no integration {key[:64]!r} in this App")
    return found[0]


def find_by_account(unit: Unit, provider: str, account: str) -> StoredIntegration | None:
    """The integration of a provider's account."""
    row = unit.first(unit.select(Integration).where(Integration.provider == provider, Integration.account == account))
    return stored(row) if row else None


def find_stored(unit: Unit, key: str) -> StoredIntegration:
    """The same as a value that may leave the unit."""
    return stored(find_by_key(unit, key))


def locate_app(house: HouseUnit, key: str) -> AppId | None:
    """The App of an integration's key, for commands that name the integration only."""
    return house.first(house.select(Integration.app_id).where(Integration.key == key))


def load_integrations(unit: Unit, ids: Iterable[IntegrationId]) -> dict[int, Integration]:
    """The integrations of those ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row.id: row for row in unit.all(unit.select(Integration).where(Integration.id.in_(wanted)))}


def list_integrations(unit: Unit) -> Sequence[Integration]:
    """The App's integrations, oldest first."""
    rows = unit.all(unit.select(Integration).order_by(Integration.id))
    return [row for row in rows if row.state_reason != REMOVED]


def stored(row: Integration) -> StoredIntegration:
    """The row as a value that may leave the unit."""
    return StoredIntegration(
        app_id=row.app_id,
        id=IntegrationId(row.id),
        key=row.key,
        provider=row.provider,
        name=row.name,
        account=row.account,
        state=row.state,
        agent_id=row.agent_id,
        settings=row.settings,
        secrets=row.secrets,
    )


def find_active(unit: Unit, provider: str, key: str | None) -> StoredIntegration | None:
    """The App's integration of that provider and key, whatever its state; with no key its first active one."""
    statement = unit.select(Integration).where(Integration.provider == provider)
    if key is not None:
        row = unit.first(statement.where(Integration.key == key))
    else:
        row = unit.first(statement.where(Integration.state == IntegrationState.ACTIVE).order_by(Integration.id))
    return stored(row) if row is not None and row.state_reason != REMOVED else None
