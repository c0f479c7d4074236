"""What has no attachment is said in words: a poll with its options, a die with its eyes, or which kind it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chaskiq_core.plugin import JsonObject
from chaskiq_telegram.fields import natural_at, object_at, objects_at, text_at


@dataclass(frozen=True, slots=True)
class Words:
    """A text that stands for a content of another kind."""

    text: str
    unsupported: bool = False
    """Whether it only says that there is something which we can't show."""


def placeholder(kind: str, about: str = "") -> Words:
    """`[Story]`, or `[Story: about]`; of a kind without a name `[Unsupported message]`."""
    name = kind.replace("_", " ").strip().capitalize()[:64] or "Unsupported message"
    return Words(f"[{name}: {about}]" if about else f"[{name}]", unsupported=True)


def _poll(poll: JsonObject) -> Words:
    return Words(
        _listed(text_at(poll, "question"), [text_at(option, "text") for option in objects_at(poll, "options")])
    )


def _checklist(checklist: JsonObject) -> Words:
    tasks = [
        ("☑ " if "completion_date" in task else "☐ ") + text_at(task, "text") for task in objects_at(checklist, "tasks")
    ]
    return Words(_listed(text_at(checklist, "title"), tasks))


def _dice(dice: JsonObject) -> Words:
    value = natural_at(dice, "value")
    return Words(f"{text_at(dice, 'emoji')} {'' if value is None else value}".strip())


def _web_app_data(sent: JsonObject) -> Words:
    return Words("\n".join(text for name in ("button_text", "data") if (text := text_at(sent, name))))


def _story(story: JsonObject) -> Words:
    return placeholder("story", text_at(object_at(story, "chat"), "title"))


def _game(game: JsonObject) -> Words:
    return placeholder("game", text_at(game, "title"))


def _invoice(invoice: JsonObject) -> Words:
    return placeholder("invoice", text_at(invoice, "title"))


def _giveaway(giveaway: JsonObject) -> Words:
    return placeholder("giveaway", text_at(giveaway, "prize_description"))


def _rich_message(rich: JsonObject) -> Words:
    said = "\n\n".join(text for block in objects_at(rich, "blocks") if (text := _block_text(block)))
    return Words(said, unsupported=True) if said else placeholder("rich message")


READERS: Mapping[str, Callable[[JsonObject], Words]] = MappingProxyType(
    {
        "rich_message": _rich_message,
        "poll": _poll,
        "checklist": _checklist,
        "dice": _dice,
        "web_app_data": _web_app_data,
        "story": _story,
        "game": _game,
        "invoice": _invoice,
        "giveaway": _giveaway,
    }
)
"""By the field that holds it."""


def _listed(title: str, items: list[str]) -> str:
    return "\n".join(line for line in (title, *(f"- {item}" for item in items if item)) if line)


def _block_text(block: JsonObject) -> str:
    """The words of a rich message's block; looks, pictures and links are left out."""
    line = " ".join(
        said for name in ("label", "summary", "text", "expression", "caption") if (said := _said(block.get(name)))
    )
    inside = [_block_text(inner) for name in ("blocks", "items") for inner in objects_at(block, name)]
    rows = block.get("cells")
    table = (
        [" | ".join(_said(cell) for cell in row) for row in rows if isinstance(row, list)]
        if isinstance(rows, list)
        else []
    )
    return "\n".join(text for text in (line, *inside, *table) if text)


def _said(rich: object) -> str:
    """A rich text's words: a text, a list of rich texts, or one with looks around another."""
    if isinstance(rich, list):
        return "".join(_said(part) for part in rich)
    if isinstance(rich, dict):
        return _said(rich.get("text")) or text_at(rich, "alternative_text") or text_at(rich, "expression")
    return rich if isinstance(rich, str) else ""
