"""What a request of a sandbox's JSON API holds: its body, its numbers; and a look that can wait."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import anyio
from starlette.requests import Request

from chaskiq_core.testing.sandbox.errors import CustomerApiError
from chaskiq_core.testing.sandbox.json_value import JsonObject, read_object
from chaskiq_core.testing.sandbox.tasks import Bell, first_of

LONGEST_WAIT_SECONDS = 60.0
LONGEST_NUMBER = 15  # digits
TRUE_WORDS = frozenset({"true", "1", "yes"})
Seen = TypeVar("Seen")


class Watched(Protocol):
    """A sandbox that can be looked at; the sandbox itself will do."""

    news: Bell  # rung at each change
    closing: anyio.Event  # set when calls that hang must let go


def number_of(request: Request, name: str) -> int:
    """The number of this query parameter; 0 if it isn't there."""
    text = request.query_params.get(name, "0")
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= LONGEST_NUMBER):
        raise CustomerApiError(422, f"{name} must be a whole number")
    return int(text)


async def body_of(request: Request) -> JsonObject:
    """The request's JSON object; CustomerApiError if it is anything else."""
    try:
        return read_object(await request.body())
    except ValueError:
        raise CustomerApiError(422, "the body must be a JSON object") from None


async def look(watched: Watched, request: Request, see: Callable[[], Seen], is_news: Callable[[Seen], bool]) -> Seen:
    """What there is to see; with `?wait=`, up to so many seconds until there is news."""
    with anyio.move_on_after(min(float(number_of(request, "wait")), LONGEST_WAIT_SECONDS)):
        while not watched.closing.is_set():
            rung = watched.news.rung
            seen = see()
            if is_news(seen):
                return seen
            await first_of(rung.wait, watched.closing.wait)
    return see()
