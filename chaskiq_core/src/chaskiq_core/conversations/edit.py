"""What may still happen to a part: another text, gone, a reaction, another delivery state; each is told again."""

from collections.abc import Mapping, Sequence

from chaskiq_core.content import Document, text_of, write_document
from chaskiq_core.conversations.dialogue import Dialogue, Heard
from chaskiq_core.conversations.show import load_parts
from chaskiq_core.deliveries.plan import mark_stale
from chaskiq_core.model import ConversationPart, JsonObject
from chaskiq_core.presenters.parts import publish_part
from chaskiq_core.store.unit import Unit

MAX_FORMER = 20
"""Former texts that a part keeps for agents."""


def edit_part(
    unit: Unit, dialogue: Dialogue, part: ConversationPart, content: Document, details: JsonObject | None = None
) -> None:
    """Replace the text, and keep the former one for agents; what has left already follows."""
    written = write_document(content)
    if written == part.content and not details:
        return
    text = text_of(content)
    former = [*_list(part.details.get("former")), {"text": part.text, "until": unit.now.isoformat()}][-MAX_FORMER:]
    part.details = {**part.details, **(details or {}), "former": former}
    part.content = written
    part.text = text
    part.edited_at = unit.now
    mark_stale(unit, part)
    publish_again(unit, dialogue, part)


def fill_part(unit: Unit, dialogue: Dialogue, part: ConversationPart, content: Document, details: JsonObject) -> None:
    """What a placeholder stood for has come: that is what the part says, and always said."""
    part.content = write_document(content)
    part.text = text_of(content)
    part.details = {**part.details, **details}
    part.unsupported = False
    publish_again(unit, dialogue, part)


def delete_part(unit: Unit, dialogue: Dialogue, part: ConversationPart) -> None:
    """Empty the part outside; its row keeps its place, and what has left already is taken back."""
    if part.deleted_at is None:
        part.deleted_at = unit.now
        mark_stale(unit, part)
        publish_again(unit, dialogue, part)


def react_to_part(
    unit: Unit,
    dialogue: Dialogue,
    part: ConversationPart,
    *,
    author: JsonObject,
    added: Sequence[str],
    removed: Sequence[str],
    replaces: bool = False,
) -> None:
    """Add and take away one author's reactions; `replaces`: whatever else they had is gone."""
    kept = [
        one
        for one in _list(part.details.get("reactions"))
        if not (_author_id(one) == author["id"] and (replaces or one.get("emoji") in {*added, *removed}))
    ]
    part.details = {**part.details, "reactions": [*kept, *({"emoji": emoji, "author": author} for emoji in added)]}
    publish_again(unit, dialogue, part)


def publish_again(unit: Unit, dialogue: Heard, part: ConversationPart) -> None:
    """Tell the streams how the part stands now."""
    publish_all_again(unit, [(dialogue, part)])


def publish_all_again(unit: Unit, parts: Sequence[tuple[Heard, ConversationPart]]) -> None:
    """The same of several."""
    unit.flush()
    shown = load_parts(unit, [part for _, part in parts])
    for (dialogue, _), rows in zip(parts, shown, strict=True):
        publish_part(unit, dialogue.conversation, dialogue.person, rows)


def _author_id(reaction: Mapping[str, object]) -> object:
    author = reaction.get("author")
    return author.get("id") if isinstance(author, Mapping) else None


def _list(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
