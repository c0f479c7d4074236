"""The `attrs` of one JSON node or mark, read one by one; what nobody asks for is dropped."""

import json
from collections.abc import Callable, Mapping
from typing import NoReturn

from chaskiq_core.content.text import clean_text
from chaskiq_core.errors import InvalidError

MAX_ATTRIBUTES = 40
MAX_ATTRIBUTE_CHARACTERS = 2_048


class Attributes:
    """The attributes at `place`; each reader answers a clean value or raises InvalidError naming the attribute."""

    __slots__ = ("_place", "_values")

    def __init__(self, attrs: object, place: str) -> None:
        self._place = place
        self._values: Mapping[object, object] = {}
        if attrs is None:
            return
        if not isinstance(attrs, dict):
            refuse(place, "must be an object")
        if len(attrs) > MAX_ATTRIBUTES:
            refuse(place, f"has more than {MAX_ATTRIBUTES} attributes")
        self._values = attrs
        for name, value in self._values.items():
            if isinstance(value, str) and len(value) > MAX_ATTRIBUTE_CHARACTERS:
                refuse(f"{place}.{quoted(name)}", f"is longer than {MAX_ATTRIBUTE_CHARACTERS} characters")

    def text(self, name: str) -> str:
        """The text of that name; empty when it is missing or null."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            refuse(f"{self._place}.{name}", "must be a text")
        return clean_text(value)

    def checked(self, name: str, allowed: Callable[[str], str | None], what: str) -> str | None:
        """The text of that name as `allowed` cleans it; None when it is missing or empty."""
        text = self.text(name)
        if not text:
            return None
        value = allowed(text)
        if value is None:
            refuse(f"{self._place}.{name}", f"{quoted(text)} is not {what}")
        return value

    def integer(self, name: str, lowest: int, highest: int) -> int | None:
        """The whole number of that name, a fraction rounded; None when it is missing."""
        value = self._values.get(name)
        if value is None:
            return None
        # The comparison also refuses NaN and the infinities, which Python's JSON decoder lets in.
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            refuse(f"{self._place}.{name}", f"must be a number from {lowest} to {highest}")
        return round(value)

    def inside(self, name: str) -> "Attributes":
        """The object of that name, such as oEmbed data; without attributes when it is missing."""
        return Attributes(self._values.get(name), f"{self._place}.{name}")


def quoted(value: object) -> str:
    """A stranger's name for our sentence: quoted, escaped, cut."""
    return json.dumps(value[:40]) if isinstance(value, str) else "that is not a text"


def refuse(place: str, reason: str) -> NoReturn:
    """Raises the one sentence that says where the document is wrong, and why."""
    raise InvalidError(f"{place}: {reason}")
