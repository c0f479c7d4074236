"""A piece as what chat.postMessage and chat.update take: its text, its buttons, our name for it."""

from collections.abc import Iterator

from chaskiq_core.plugin import JsonObject, Option, Piece, clean_text
from chaskiq_slack.escape import escape
from chaskiq_slack.manifest import MAX_TEXT_CODE_POINTS, OUR_METADATA
from chaskiq_slack.markup import has_looks, slack_mrkdwn

MAX_SECTION = 3_000
ACTION = "chaskiq_option"


def fields_of(piece: Piece) -> JsonObject:
    """The message's text; with options its blocks, too, the text being what a notification shows."""
    text, mrkdwn = words_of(piece)
    told: JsonObject = {"text": text, "mrkdwn": mrkdwn}
    if not piece.options:
        return told
    return {**told, "blocks": [*_sections(text, mrkdwn=mrkdwn), _buttons(piece.options)]}


def metadata_of(piece: Piece) -> JsonObject | None:
    """What comes back in echoes and look-ups: the piece's key."""
    return {"event_type": OUR_METADATA, "event_payload": {"key": piece.key}} if piece.key else None


def words_of(piece: Piece) -> tuple[str, bool]:
    """The text as Slack wants it, and whether its signs are marks."""
    if has_looks(piece.content):
        marked = clean_text(slack_mrkdwn(piece.content))
        if len(marked) <= MAX_TEXT_CODE_POINTS:
            return marked, True
    return escape(clean_text(piece.text)), False


def _sections(text: str, *, mrkdwn: bool) -> Iterator[JsonObject]:
    """The text in as many sections as it needs. One of marks alone is cut at the ends of lines."""
    while text.strip():
        room = MAX_SECTION
        if len(text) > room:
            # never within an entity, which has up to five characters
            places = (text.rfind("\n", 1, room), text.rfind(" ", 1, room), text.rfind("&", room - 4, room), room)
            room = next(place for place in places if place > 0)
        part, text = text[:room], text[room:].lstrip("\n")
        yield {"type": "section", "text": _text(part, mrkdwn=mrkdwn)}


def _text(part: str, *, mrkdwn: bool) -> JsonObject:
    if mrkdwn:
        return {"type": "mrkdwn", "text": part, "verbatim": True}
    return {"type": "plain_text", "text": _unescaped(part), "emoji": True}


def _unescaped(part: str) -> str:
    """A plain text object shows its characters as they are."""
    return part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _buttons(options: tuple[Option, ...]) -> JsonObject:
    """A button's value is the option's place, as the core wants it back."""
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": f"{ACTION}_{n}",
                "text": {"type": "plain_text", "text": clean_text(option.label).strip() or str(n + 1), "emoji": True},
                "value": str(n),
            }
            for n, option in enumerate(options)
        ],
    }
