"""Pages of lists: a bounded number of items, and an opaque cursor to what is behind them."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from chaskiq_core.errors import InvalidError

T_co = TypeVar("T_co", covariant=True)

DEFAULT_LIMIT = 25
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T_co]):
    """Some items, and where to go on; None: that was all."""

    items: Sequence[T_co]
    next: str | None


def bounded(limit: int) -> int:
    """The limit, cut to what is allowed."""
    if limit < 1:
        raise InvalidError("limit: must be 1 or more")
    return min(limit, MAX_LIMIT)


def write_cursor(*place: int) -> str:
    """A place in a list as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, length: int) -> tuple[int, ...] | None:
    """The place again; InvalidError for a text that is none."""
    if not cursor:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeEncodeError, RecursionError):
        place = None
    if (
        not isinstance(place, list)
        or len(place) != length
        or not all(type(number) is int and 0 <= number < 2**62 for number in place)
    ):
        raise InvalidError("after: not a cursor of this list")
    return tuple(place)


def moment(micros: int) -> datetime:
    """A time out of a cursor; InvalidError for one that no calendar has."""
    try:
        return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    except (ValueError, OverflowError, OSError):
        raise InvalidError("after: not a cursor of this list") from None
