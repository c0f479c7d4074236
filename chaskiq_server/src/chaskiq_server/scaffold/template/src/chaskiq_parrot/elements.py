"""Reads Parrot's JSON: a field that is missing, or of a wrong type, is not there; nothing raises."""

from collections.abc import Mapping

from chaskiq_core.plugin import JsonObject, UnreadableError, WebhookRequest

MAX_ID = 128


def elements_of(request: WebhookRequest) -> list[object]:
    """What the body's list holds, each element whatever it is; UnreadableError if there is no list."""
    events = request.json().get("events")
    if not isinstance(events, list):
        raise UnreadableError("the body has no list `events`")
    return events


def object_at(value: object, name: str) -> JsonObject:
    """The object of that name; an empty one if there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def text_at(value: object, name: str) -> str:
    """The text of that name; '' if there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def id_at(value: object, name: str) -> str:
    """The id of that name; '' if there is none that could be one."""
    found = text_at(value, name).strip()
    return found if len(found) <= MAX_ID else ""
