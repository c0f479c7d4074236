"""Under which ids providers know our parts: kept when a message comes or goes, looked up by whoever names it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import tuple_

from chaskiq_core.model import ConversationPart, PartSource
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.store.unit import Unit

SourceName = tuple[str, str]
"""The provider's account, and the message's key within it."""


def add_source(
    unit: Unit,
    part: ConversationPart,
    *,
    integration_id: int,
    provider: str,
    account: str,
    message_key: str,
    external_id: str,
) -> PartSource:
    """Keep a provider's id of a part. A second part of the same message meets the unique index: a race, run again."""
    return unit.add(
        PartSource(
            app_id=unit.app_id,
            id=unit.new_id(),
            part_id=part.id,
            integration_id=IntegrationId(integration_id),
            provider=provider,
            account=account,
            message_key=message_key,
            external_id=external_id,
        )
    )


def find_sources(unit: Unit, names: Iterable[SourceName]) -> dict[SourceName, PartSource]:
    """The sources of those names, in one statement."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    statement = unit.select(PartSource).where(tuple_(PartSource.account, PartSource.message_key).in_(wanted))
    return {(source.account, source.message_key): source for source in unit.all(statement)}


def load_sources(unit: Unit, part_ids: Sequence[int]) -> dict[int, list[PartSource]]:
    """The sources of parts, by part."""
    sources: dict[int, list[PartSource]] = {}
    if part_ids:
        found = unit.all(unit.select(PartSource).where(PartSource.part_id.in_(part_ids)))
        # Sorted here: asked for in the order of ids, SQLite would read all of the App's by its key.
        for source in sorted(found, key=lambda one: one.id):
            sources.setdefault(source.part_id, []).append(source)
    return sources
