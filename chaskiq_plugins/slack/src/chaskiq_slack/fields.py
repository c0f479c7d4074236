"""What a field of Slack's JSON holds, if it holds what is wanted; any field may be missing or of another type."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from chaskiq_core.plugin import JsonObject, clean_string

MAX_NAME = 200
"""Characters of a name; Slack's own have up to 80."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_TS = re.compile(r"[0-9]{1,13}\.[0-9]{1,9}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,128}", re.ASCII)


def object_at(holder: Mapping[str, object], name: str) -> JsonObject:
    """The object in that field; without one, an empty object."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def objects_at(holder: Mapping[str, object], name: str) -> list[JsonObject]:
    """The objects in that field's list; whatever else is in the list is left out."""
    value = holder.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_at(holder: Mapping[str, object], name: str) -> str:
    """The text in that field, or an empty one."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def name_at(holder: Mapping[str, object], *names: str) -> str:
    """The first of the fields that holds a name, without blanks around it and cut to a sane length."""
    for name in names:
        if found := text_at(holder, name).strip():
            return found[:MAX_NAME]
    return ""


def id_at(holder: Mapping[str, object], name: str) -> str:
    """One of Slack's ids (U…, C…, T…); '' for anything else."""
    value = text_at(holder, name)
    return value if _ID.fullmatch(value) else ""


def key_at(holder: Mapping[str, object], name: str) -> str:
    """An id of an event or a press, which may hold points; '' for anything else."""
    value = text_at(holder, name)
    return value if _KEY.fullmatch(value) else ""


def ts_at(holder: Mapping[str, object], name: str) -> str:
    """A message's timestamp as Slack wrote it: an id, which a float would round. '' for anything else."""
    value = text_at(holder, name)
    return value if _TS.fullmatch(value) else ""


def count_at(holder: Mapping[str, object], name: str) -> int | None:
    """A whole number that is not negative, of at most 18 digits."""
    value = holder.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18 else None


def is_true(holder: Mapping[str, object], name: str) -> bool:
    """Whether the field says yes."""
    return holder.get(name) is True


def time_of(ts: str) -> datetime | None:
    """When a message was written."""
    try:
        return datetime.fromtimestamp(int(ts.partition(".")[0]), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def cut(text: str, longest: int) -> str:
    """The text, cut, as databases can hold it."""
    return clean_string(text[:longest])
