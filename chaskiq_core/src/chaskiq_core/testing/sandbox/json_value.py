"""The type of any JSON value, and the ways through which JSON text becomes one and back."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, Json]


def read_json(text: str | bytes) -> Json:
    """The value of a JSON text; ValueError if it is none."""
    value: Json = json.loads(text)
    return value


def read_object(text: str | bytes) -> JsonObject:
    """The object of a JSON text; ValueError if it is anything else."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise ValueError("a JSON object was expected")
    return value


def write_json(value: "Json | Mapping[str, Json] | Sequence[Json]") -> str:
    """Compact JSON in ASCII, as most providers write it, so that a lone surrogate survives too."""
    return json.dumps(value, separators=(",", ":"))


def object_at(value: Mapping[str, Json], *names: str) -> JsonObject:
    """The object found by walking the names; {} where the path ends early."""
    found: Json = dict(value)
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
