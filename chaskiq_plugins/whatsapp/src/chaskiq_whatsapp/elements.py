"""The elements of a webhook's body: each message, echo, status and notice, with what stands around it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from chaskiq_core.plugin import JsonObject, WebhookRequest
from chaskiq_whatsapp.fields import id_at, list_at, object_at, objects_at, person_id_at, text_at, word_at

OBJECT = "whatsapp_business_account"


class Kind(StrEnum):
    """What an element is, by the list that it stands in."""

    MESSAGE = "message"
    STATUS = "status"
    ECHO = "echo"
    """Written by the business in its own WhatsApp app."""
    HISTORY = "history"
    """A message of the past, in its thread."""
    HISTORY_MEDIA = "history_media"
    """A file of a message of the past, which comes after it."""
    PREFERENCE = "preference"
    NOTICE = "notice"
    """Anything else: it says nothing of a conversation."""


LISTS = {
    "messages": {"messages": Kind.MESSAGE, "statuses": Kind.STATUS, "errors": Kind.NOTICE},
    "smb_message_echoes": {"message_echoes": Kind.ECHO, "errors": Kind.NOTICE},
    "history": {"messages": Kind.HISTORY_MEDIA, "errors": Kind.NOTICE},
    "user_preferences": {"user_preferences": Kind.PREFERENCE},
}
"""By a change's field: the lists in its value, and what stands in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element with all that is needed to understand it."""

    path: str
    """Its RFC 6901 pointer."""
    kind: Kind
    content: JsonObject
    """Empty if it is no object."""
    is_object: bool
    field: str
    """The name of the change that it came in."""
    value: JsonObject
    """The change's value."""
    time: str
    """When Meta sent the entry; '' if it does not say."""
    thread: JsonObject
    """Of a message of the past: the chat that it stands in."""

    @property
    def id(self) -> str:
        """Meta's id; of what has none, a hash of all that it says: the same in each repeat."""
        return id_at(self.content, "id") or self.digest

    @property
    def digest(self) -> str:
        """The hash of what it says, and of where it belongs."""
        told = [self.kind, self.field, self.number_id, self.time, self.content or self.value]
        return f"sha256:{sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()}"

    @property
    def number_id(self) -> str:
        """The business phone number's id; '' if the change does not say."""
        return id_at(object_at(self.value, "metadata"), "phone_number_id")

    @property
    def business_number(self) -> str:
        """The business phone number's digits; '' if the change does not say."""
        return person_id_at(object_at(self.value, "metadata"), "display_phone_number")


def elements_of(request: WebhookRequest) -> Iterator[Element]:
    """Every element of a body; what has another shape is a notice. UnreadableError if the body is no JSON object."""
    body = request.json()
    entries = list_at(body, "entry")
    if not entries or text_at(body, "object") not in ("", OBJECT):
        yield _notice("", body)
        return
    for n, entry in enumerate(entries):
        changes = list_at(entry, "changes") if isinstance(entry, dict) else []
        if not changes:
            yield _notice(f"/entry/{n}", entry)
        for m, change in enumerate(changes):
            yield from _of_change(f"/entry/{n}/changes/{m}", change, _time_of(entry))


def element_at(request: WebhookRequest, path: str) -> Element | None:
    """The element of that pointer, without looking at the others; None if there is none."""
    match path.split("/")[1:]:
        case ["entry", entry_n, "changes", change_n, "value", *steps]:
            entry = _step(list_at(request.json(), "entry"), entry_n)
            change = _step(list_at(entry, "changes"), change_n)
            return _within(path, change, _time_of(entry), steps)
    return next((one for one in elements_of(request) if one.path == path), None)


def _within(path: str, change: JsonObject, time: str, steps: list[str]) -> Element | None:
    value = object_at(change, "value")
    field = text_at(change, "field") or _field_of(value)
    match steps:
        case [name, n] if (kind := LISTS.get(field, {}).get(name)) and _has(list_at(value, name), n):
            return _element(path, kind, list_at(value, name)[int(n)], field, value, time)
        case ["history", chunk_n, "threads", thread_n, "messages", n]:
            thread = _step(list_at(_step(list_at(value, "history"), chunk_n), "threads"), thread_n)
            if _has(list_at(thread, "messages"), n):
                content = list_at(thread, "messages")[int(n)]
                return _element(path, Kind.HISTORY, content, field, value, time, thread=thread)
    start = "/".join(path.split("/")[:5])
    return next((one for one in _of_change(start, change, time) if one.path == path), None)


def _has(several: list[object], step: str) -> bool:
    return step.isdecimal() and int(step) < len(several)


def _step(several: list[object], step: str) -> JsonObject:
    """The object at that place; an empty one if there is none."""
    found = several[int(step)] if _has(several, step) else None
    return found if isinstance(found, dict) else {}


def _time_of(entry: object) -> str:
    return word_at(entry, "time") if isinstance(entry, dict) else ""


def _of_change(path: str, change: object, time: str) -> Iterator[Element]:
    holder: JsonObject = change if isinstance(change, dict) else {}
    value = object_at(holder, "value")
    field = text_at(holder, "field") or _field_of(value)
    lists = LISTS.get(field, {})
    is_empty = True
    for name, kind in lists.items():
        for n, content in enumerate(list_at(value, name)):
            is_empty = False
            yield _element(f"{path}/value/{name}/{n}", kind, content, field, value, time)
    if field == "history":
        for one in _of_history(f"{path}/value/history", value, time):
            is_empty = False
            yield one
    if is_empty:
        yield _element(path, Kind.NOTICE, holder, field, value, time)


def _field_of(value: JsonObject) -> str:
    """What a change without a name is, by what it holds."""
    return next((field for field, lists in LISTS.items() if any(list_at(value, name) for name in lists)), "")


def _of_history(path: str, value: JsonObject, time: str) -> Iterator[Element]:
    for n, chunk in enumerate(list_at(value, "history")):
        told = chunk if isinstance(chunk, dict) else {}
        is_empty = True
        for m, error in enumerate(list_at(told, "errors")):
            is_empty = False
            yield _element(f"{path}/{n}/errors/{m}", Kind.NOTICE, error, "history", value, time)
        for m, thread in enumerate(list_at(told, "threads")):
            holder: JsonObject = thread if isinstance(thread, dict) else {}
            for k, content in enumerate(list_at(holder, "messages")):
                is_empty = False
                where = f"{path}/{n}/threads/{m}/messages/{k}"
                yield _element(where, Kind.HISTORY, content, "history", value, time, thread=holder)
        if is_empty:
            yield _element(f"{path}/{n}", Kind.NOTICE, chunk, "history", value, time)


def _notice(path: str, content: object) -> Element:
    return _element(path, Kind.NOTICE, content, "", {}, "")


def _element(
    path: str,
    kind: Kind,
    content: object,
    field: str,
    value: JsonObject,
    time: str,
    *,
    thread: JsonObject | None = None,
) -> Element:
    is_object = isinstance(content, dict)
    return Element(
        path=path,
        kind=kind,
        content=content if isinstance(content, dict) else {"": content},
        is_object=is_object,
        field=field,
        value=value,
        time=time,
        thread={name: one for name, one in (thread or {}).items() if name != "messages"},
    )


def contacts_of(value: JsonObject) -> list[JsonObject]:
    """The people that a change tells of."""
    return objects_at(value, "contacts")
