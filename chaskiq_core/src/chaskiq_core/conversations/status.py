"""A provider's word on a message of ours, as the part shows it: delivered, read, failed."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.edit import publish_again
from chaskiq_core.conversations.read import mark_read
from chaskiq_core.deliveries.attempts import Attempted
from chaskiq_core.deliveries.sources import add_source, find_sources
from chaskiq_core.deliveries.status import settle_attempt, settle_status
from chaskiq_core.model import ConversationPart
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.events import SendStatus, StatusChanged
from chaskiq_core.store.unit import Unit

STATUS_JOB = "status"
"""The Job of a status that came before we knew its message."""
READ = (SendStatus.READ, SendStatus.PLAYED)


def show_status(
    unit: Unit, dialogue: Dialogue, part: ConversationPart, event: StatusChanged, integration_id: IntegrationId
) -> bool:
    """The part's delivery got further, and what was read counts as read; False: it had got further already."""
    if not settle_status(unit, part, event, integration_id):
        return False
    _show(unit, dialogue, part, event)
    return True


def show_attempt(
    unit: Unit,
    dialogue: Dialogue,
    part: ConversationPart,
    attempted: Attempted,
    event: StatusChanged,
    *,
    integration_id: IntegrationId,
    provider: str,
    account: str,
) -> bool:
    """The same for a piece that the provider calls by our name for it; from now on we know its name there."""
    if event.message_key and not find_sources(unit, [(account, event.message_key)]):
        add_source(
            unit,
            part,
            integration_id=integration_id,
            provider=provider,
            account=account,
            message_key=event.message_key,
            external_id=event.message_id,
        )
    changed = settle_attempt(unit, attempted, event, integration_id)
    _show(unit, dialogue, part, event)
    return changed


def _show(unit: Unit, dialogue: Dialogue, part: ConversationPart, event: StatusChanged) -> None:
    if event.status in READ:
        mark_read(unit, dialogue, up_to_seq=part.seq)
    publish_again(unit, dialogue, part)
