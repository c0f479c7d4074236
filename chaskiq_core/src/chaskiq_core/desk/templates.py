"""Templates of providers, which are asked for them: whose they are is known here."""

from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.integrations.find import find_stored
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.store.unit import Unit


@act(needs=Permission.REPLY)
def whose_templates(unit: Unit, key: str) -> StoredIntegration:
    """The integration that has them, for who may send one."""
    return find_stored(unit, key)
