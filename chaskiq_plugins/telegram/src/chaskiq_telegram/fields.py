"""Reads one field of a decoded object as the type that is wanted, or answers that it is not there; never raises."""

import math
import re
from collections.abc import Mapping

from chaskiq_core.plugin import JsonObject

LARGEST = (1 << 63) - 1
"""Telegram's own ids have 52 bits; databases end here."""

_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_=.+/-]{1,128}", re.ASCII)


def object_at(value: Mapping[str, object], name: str) -> JsonObject:
    """The object of that name; an empty one if there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def objects_at(value: Mapping[str, object], name: str) -> list[JsonObject]:
    """The objects in the list of that name, without what else is in it."""
    found = value.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def text_at(value: Mapping[str, object], name: str) -> str:
    """The text of that name; '' if there is none."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def whole(value: object) -> int | None:
    """The whole number that a value is, written as a number or as its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= LARGEST else None
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return whole(int(value))
    return None


def whole_at(value: Mapping[str, object], name: str) -> int | None:
    """The whole number of that name."""
    return whole(value.get(name))


def natural_at(value: Mapping[str, object], name: str) -> int | None:
    """The whole number of that name, unless it is negative."""
    found = whole_at(value, name)
    return found if found is not None and found >= 0 else None


def number_at(value: Mapping[str, object], name: str) -> float | None:
    """The finite number of that name: JSON's 1e999 is infinite."""
    found = value.get(name)
    if isinstance(found, float):
        return found if math.isfinite(found) else None
    integer = whole(found)
    return None if integer is None else float(integer)


def number_id_at(value: Mapping[str, object], name: str) -> str:
    """The id of that name which is a number, as its digits; '' if there is none. Nothing has the id 0."""
    found = whole_at(value, name)
    return str(found) if found else ""


def token_at(value: Mapping[str, object], name: str) -> str:
    """The id of that name which is a short word or a number; '' if there is none. It never holds a colon."""
    found = value.get(name)
    if isinstance(found, str):
        return found if _TOKEN.fullmatch(found) else ""
    return number_id_at(value, name)


def is_true(value: Mapping[str, object], name: str) -> bool:
    """Whether the field says true."""
    return value.get(name) is True
