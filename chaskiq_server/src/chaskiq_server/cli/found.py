"""Finding what a command names by its id alone, and listing over all Apps."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeVar

from chaskiq_core.desk.pages import MAX_LIMIT, Page
from chaskiq_core.errors import NotFoundError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model.ids import AppId
from chaskiq_core.staff.apps import list_apps
from chaskiq_core.store.call import Actor
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import HouseUnit, Unit
from chaskiq_server.cli.answers import tell

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
CLI = Actor(kind="system", name="cli")


async def acting_with(
    chaskiq: Chaskiq, key: str, *, locate: Callable[[HouseUnit, str], AppId | None], what: str
) -> Acting:
    """Acts in the App that has it, on behalf of whoever has a shell here; NotFoundError where none has."""
    app_id = await chaskiq.store.house_read(locate, key)
    if app_id is None:
        raise NotFoundError(f"no {what} has the id {key[:64]!r}")
    return chaskiq.store.acting(app_id, CLI)


class Lists(Protocol[T_co]):
    """An act that lists what is in a state, page by page."""

    def __call__(self, unit: Unit, /, *, after: str | None = None, limit: int = ...) -> Page[T_co]: ...


async def pages_of(chaskiq: Chaskiq, act: Lists[T], app: str | None, *, limit: int) -> AsyncIterator[tuple[str, T]]:
    """The first `limit` things that an act lists, of one App or of all, each with its App's key."""
    keys = [app] if app else [key for key, _ in await chaskiq.store.house_read(list_apps)]
    left = limit
    for key in keys:
        after: str | None = None
        while left > 0:
            page = await chaskiq.acting(key, as_system="cli").read(act, after=after, limit=min(left, MAX_LIMIT))
            for item in page.items:
                yield key, item
            left -= len(page.items)
            if (after := page.next) is None:
                break
    if left <= 0:
        tell(f"at most {limit} are shown; --limit shows more")
