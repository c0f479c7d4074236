"""What a message may hold, by its type: the object, checked; 100, 131008, 131009 and their like otherwise."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_whatsapp.sandbox.errors import GraphError
from chaskiq_whatsapp.sandbox.graph.media import check_kind
from chaskiq_whatsapp.sandbox.graph.reading import list_of, object_of, text_of, word_of
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox

Check = Callable[[WhatsAppSandbox, JsonObject], None]
MAX_CONTACTS = 257


def check_content(sandbox: WhatsAppSandbox, kind: str, body: JsonObject) -> JsonObject:
    """The message's own object under its type's name."""
    check = CHECKS.get(kind)
    if check is None:
        raise GraphError(131009, f"Unsupported message type '{kind}'")
    check(sandbox, body)
    return {"type": kind, kind: body[kind]}


def _text(sandbox: WhatsAppSandbox, body: JsonObject) -> None:
    text_of(object_of(body, "text"), "body", "text['body']", 4096)


def _file(kind: str) -> Check:
    def check(sandbox: WhatsAppSandbox, body: JsonObject) -> None:
        told = object_of(body, kind)
        if "caption" in told:
            if kind in ("audio", "sticker"):
                raise GraphError(100, f"{kind} takes no caption")
            text_of(told, "caption", f"{kind}['caption']", 1024, least=0)
        media_id, link = word_of(told.get("id")), told.get("link")
        if bool(media_id) == bool(link):
            raise GraphError(131009, f"{kind} must have either an id or a link")
        if media_id:
            stored = sandbox.media.find(media_id)
            if stored is None:
                raise GraphError(131009, f"Media ID {media_id} does not exist")
            check_kind(kind, stored)
        elif not (isinstance(link, str) and link.startswith(("http://", "https://"))):
            raise GraphError(131009, f"{kind}['link'] is not a valid URI")

    return check


def _location(sandbox: WhatsAppSandbox, body: JsonObject) -> None:
    told = object_of(body, "location")
    for name in ("latitude", "longitude"):
        try:
            float(word_of(told.get(name)) or str(told.get(name)))
        except ValueError:
            raise GraphError(131009, f"location['{name}'] must be a number") from None


def _contacts(sandbox: WhatsAppSandbox, body: JsonObject) -> None:
    for card in list_of(body, "contacts", "contacts", MAX_CONTACTS):
        text_of(object_of(card, "name"), "formatted_name", "contacts['name']['formatted_name']", 1024)


def _interactive(sandbox: WhatsAppSandbox, body: JsonObject) -> None:
    told = object_of(body, "interactive")
    kind, action = told.get("type"), object_of(told, "action")
    if kind not in ("button", "list"):
        raise GraphError(131009, f"interactive['type'] {kind!r} is not one of button, list")
    text_of(object_of(told, "body"), "text", "interactive['body']['text']", 1024 if kind == "button" else 4096)
    for name in ("header", "footer"):
        if name in told:
            part = object_of(told, name)
            text_of(part, "text", f"interactive['{name}']['text']", 60)
    if kind == "button":
        _buttons(action)
    else:
        _rows(action)


def _buttons(action: JsonObject) -> None:
    ids: set[str] = set()
    titles: set[str] = set()
    for button in list_of(action, "buttons", "interactive['action']['buttons']", 3):
        reply = object_of(button, "reply")
        ids.add(text_of(reply, "id", "button id", 256))
        title = text_of(reply, "title", "button title", 20)
        if title in titles:
            raise GraphError(131009, "Duplicated title in the buttons")
        titles.add(title)
    if len(ids) != len(titles):
        raise GraphError(131009, "Duplicated id in the buttons")


def _rows(action: JsonObject) -> None:
    text_of(action, "button", "interactive['action']['button']", 20)
    sections = list_of(action, "sections", "interactive['action']['sections']", 10)
    ids: list[str] = []
    for section in sections:
        if len(sections) > 1 or "title" in section:
            text_of(section, "title", "section title", 24)
        for row in list_of(section, "rows", "rows", 10):
            ids.append(text_of(row, "id", "row id", 200))
            text_of(row, "title", "row title", 24)
            text_of(row, "description", "row description", 72, least=0) if "description" in row else None
    if len(ids) > 10:
        raise GraphError(131009, "Total row count exceeds the maximum of 10")
    if len(set(ids)) != len(ids):
        raise GraphError(131009, "Duplicated row id")


def _reaction(sandbox: WhatsAppSandbox, body: JsonObject) -> None:
    told = object_of(body, "reaction")
    if sandbox.messages.find(text_of(told, "message_id", "reaction['message_id']", 512)) is None:
        raise GraphError(131009, "Message ID does not exist")
    if not isinstance(told.get("emoji"), str):
        raise GraphError(131008, "Parameter 'reaction['emoji']' is mandatory")


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "text": _text,
        **{kind: _file(kind) for kind in ("image", "video", "audio", "document", "sticker")},
        "location": _location,
        "contacts": _contacts,
        "interactive": _interactive,
        "reaction": _reaction,
    }
)
"""Templates are looked up beside these."""
