"""Reads X's JSON: a field that is missing, or of a wrong type, is not there; nothing raises."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping

from chaskiq_core.plugin import JsonObject, UnreadableError, WebhookRequest

MESSAGES, READS, TYPINGS = (
    "direct_message_events",
    "direct_message_mark_read_events",
    "direct_message_indicate_typing_events",
)
LISTS = (MESSAGES, READS, TYPINGS)
NUMBER = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)
"""X's ids."""


def elements_of(request: WebhookRequest) -> Iterator[tuple[str, int, object]]:
    """Each element with its list and its place there; UnreadableError for a list that is none."""
    body = request.json()
    for name in LISTS:
        found = body.get(name, [])
        if not isinstance(found, list):
            raise UnreadableError(f"{name} is no list")
        for place, element in enumerate(found):
            yield name, place, element


def element_at(request: WebhookRequest, path: str) -> tuple[str, object]:
    """The element that `route` named, with its list."""
    _, name, place = path.split("/")
    found = request.json().get(name)
    return name, found[int(place)] if isinstance(found, list) else None


def object_at(value: object, *names: str) -> JsonObject:
    """The object found by walking the names; an empty one where the path ends."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def list_at(value: object, name: str) -> list[object]:
    """The list of that name; an empty one if there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def text_at(value: object, name: str) -> str:
    """The text of that name; '' if there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def id_at(value: object, name: str) -> str:
    """The id of that name, written as a number or as its digits; '' if there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    text = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    return text if isinstance(text, str) and NUMBER.fullmatch(text) else ""


def people_of(name: str, element: object) -> tuple[str, str]:
    """Who did it, and to whom."""
    inside = object_at(element, "message_create") if name == MESSAGES else element
    return id_at(inside, "sender_id"), id_at(object_at(inside, "target"), "recipient_id")


def key_of(name: str, element: object) -> str:
    """What names the element: its id, or its bytes."""
    if name == MESSAGES and (id_ := id_at(element, "id")):
        return f"message:{id_}"
    return hashlib.sha256(json.dumps([name, element], sort_keys=True).encode()).hexdigest()
