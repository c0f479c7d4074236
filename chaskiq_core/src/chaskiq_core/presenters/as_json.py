"""A view as JSON: times as RFC 3339 in UTC, tuples as lists, `class_` as `class`."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum

from chaskiq_core.model import JsonObject


def as_json(view: object) -> JsonObject:
    """The JSON object of a view."""
    plain = _plain(view)
    assert isinstance(plain, dict)
    return plain


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T09:30:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float) or type(value) is str:
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(str(_plain(item)) for item in value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return {shown: _plain(getattr(value, name)) for name, shown in _names(type(value))}


def _names(view: type) -> tuple[tuple[str, str], ...]:
    if view not in _NAMES:
        _NAMES[view] = tuple((field.name, field.name.removesuffix("_")) for field in dataclasses.fields(view))
    return _NAMES[view]


_NAMES: dict[type, tuple[tuple[str, str], ...]] = {}
"""Computed once per view class."""
