"""Ids as Telegram has them: whole numbers of at most 52 bits."""

import re
from collections.abc import Mapping

from chaskiq_core.testing.sandbox import Json

LARGEST_ID = (1 << 52) - 1
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")


def integer_at(value: Mapping[str, Json], name: str) -> int | None:
    """The integer under this name, if there is one of a size that an id can have."""
    found = value.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > LARGEST_ID:
        return None
    return found


def whole_number(text: str) -> int | None:
    """The number that a text is, if it is one of a size that an id can have."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None
