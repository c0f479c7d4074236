"""All that follows from a part, in order, in its transaction."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.mirrors import open_mirrors
from chaskiq_core.conversations.notices import plan_notice
from chaskiq_core.conversations.observers import call_observers
from chaskiq_core.deliveries.plan import plan, priority_of
from chaskiq_core.effects import AddPart, Author, Effect
from chaskiq_core.model import ConversationPart, PartKind, PartSource
from chaskiq_core.people.unread import count_unread
from chaskiq_core.presenters.parts import PartRows, publish_part
from chaskiq_core.presenters.people import author_of
from chaskiq_core.store.unit import Unit


def consequences(
    unit: Unit,
    dialogue: Dialogue,
    part: ConversationPart,
    new: AddPart,
    author: Author,
    *,
    source: PartSource | None,
    by_plugin: str | None,
) -> list[Effect]:
    """Count what is unread, plan deliveries, tell the streams, call the observers; further effects."""
    conversation, person = dialogue.conversation, dialogue.person
    if not new.quiet:
        count_unread(unit, conversation, person, part, author)
    channels = [channel for channel in dialogue.channels if not (channel.mirror and new.quiet)]
    planned = plan(unit, conversation, part, channels, new.origin, priority=priority_of(author, new))
    rows = PartRows(
        part=part,
        author=author_of(dialogue.author_row(unit, author)),
        reply_to=new.reply_to if part.reply_to_id else None,
        sources=[source] if source else [],
        deliveries=planned,
        link=unit.media_url,
    )
    publish_part(unit, conversation, person, rows)
    if part.seq == 1 and not new.quiet:
        open_mirrors(unit, dialogue)
    if part.kind is not PartKind.EVENT and not new.quiet and not new.automatic:
        call_observers(
            unit, "part_added", conversation, subject=part.key, by_plugin=by_plugin, is_note=part.private_note
        )
    if not new.quiet and not new.automatic and not new.bulk:
        plan_notice(unit, dialogue, part, author, planned)
    return []
