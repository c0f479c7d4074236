"""Reads one field of a decoded object as the type that is wanted, or says that it is not there; never raises."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from chaskiq_core.plugin import JsonObject

MAX_ID_CHARACTERS = 256
"""A longer id is known by its hash: an index takes no more."""
NO_IDS = frozenset({"0", "None", "null"})
"""What stands where somebody's program had nothing to say."""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999, in Unix seconds."""

_PHONE = re.compile(r"\+?[0-9 ().-]{1,40}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def object_at(value: Mapping[str, object], name: str) -> JsonObject:
    """The object of that name; an empty one if there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def list_at(value: Mapping[str, object], name: str) -> list[object]:
    """The list of that name; an empty one if there is none."""
    found = value.get(name)
    return found if isinstance(found, list) else []


def objects_at(value: Mapping[str, object], name: str) -> list[JsonObject]:
    """The objects in the list of that name, without what else is in it."""
    return [item for item in list_at(value, name) if isinstance(item, dict)]


def text_at(value: Mapping[str, object], name: str) -> str:
    """The text of that name; '' if there is none."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def word_at(value: Mapping[str, object], name: str) -> str:
    """A text without the blanks around it, or a whole number's digits; '' if there is none."""
    found = value.get(name)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 10**MAX_ID_CHARACTERS:
        return str(found)
    return found.strip() if isinstance(found, str) else ""


def id_at(value: Mapping[str, object], name: str) -> str:
    """An id; '' if there is none, or it is nobody's. One too long for an index is its hash, the same each time."""
    found = word_at(value, name)
    if found in NO_IDS:
        return ""
    return found if len(found.encode()) <= MAX_ID_CHARACTERS else f"sha256:{sha256(found.encode()).hexdigest()}"


def person_id_at(value: Mapping[str, object], name: str) -> str:
    """A phone number as its digits alone, or a business-scoped user id as it is; '' if there is none."""
    found = id_at(value, name)
    if not _PHONE.fullmatch(found):
        return found
    digits = "".join(character for character in found if character.isdigit())
    return digits if digits.strip("0") else ""


def number_at(value: Mapping[str, object], name: str) -> float | None:
    """The finite number of that name, also one that is written as a text."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        number = float(found)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def natural_at(value: Mapping[str, object], name: str) -> int | None:
    """The whole number of that name, unless it is negative or beyond what a database keeps."""
    number = number_at(value, name)
    return int(number) if number is not None and 0 <= number < 2**63 else None


def is_true(value: Mapping[str, object], name: str) -> bool:
    """Whether the field says true."""
    return value.get(name) is True


def time_at(value: Mapping[str, object], name: str = "timestamp") -> datetime | None:
    """Unix seconds, mostly written as a text, as a time; None for what is no time of this era."""
    found = word_at(value, name)
    seconds = int(found) if _SECONDS.fullmatch(found) else 0
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= LAST_SECOND else None
