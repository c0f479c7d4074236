"""`chaskiq deliveries`: what could not be sent."""

from collections.abc import Callable
from typing import Annotated

import typer

from chaskiq_core.desk import dead_letters
from chaskiq_core.desk.dead_letters import ListedDelivery
from chaskiq_core.desk.pages import DEFAULT_LIMIT, Page
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.store.locate import locate_delivery
from chaskiq_core.store.unit import Unit
from chaskiq_server.cli.declare import AnyApp, Limit, command
from chaskiq_server.cli.found import Lists, acting_with, pages_of

Id = Annotated[str, typer.Argument(metavar="ID", help="As `deliveries failed` or `unknown` shows it.")]
group = typer.Typer(name="deliveries", help="What could not be sent.")


@command(group, "failed", example="chaskiq deliveries failed")
async def failed(chaskiq: Chaskiq, app: AnyApp = None, limit: Limit = 100) -> list[JsonObject]:
    """List the deliveries that failed, newest first, with the provider's reason."""
    return await _listed(chaskiq, dead_letters.deliveries, app, limit)


@command(group, "unknown", example="chaskiq deliveries unknown")
async def unknown(chaskiq: Chaskiq, app: AnyApp = None, limit: Limit = 100) -> list[JsonObject]:
    """List those that may or may not have arrived, newest first: send one again, or confirm it."""
    return await _listed(chaskiq, _unknown, app, limit)


@command(group, "confirm", example="chaskiq deliveries confirm Pq3tVxh1kUe2yRmZb8Lw4cNd")
async def confirm(chaskiq: Chaskiq, key: Id) -> JsonObject:
    """Say that an unknown one arrived: somebody saw it."""
    return await _decided(chaskiq, dead_letters.confirm, key)


@command(group, "retry", example="chaskiq deliveries retry Pq3tVxh1kUe2yRmZb8Lw4cNd")
async def retry(chaskiq: Chaskiq, key: Id) -> JsonObject:
    """Send one again: the pieces without a receipt only."""
    return await _decided(chaskiq, dead_letters.retry, key)


@command(group, "cancel", example="chaskiq deliveries cancel Pq3tVxh1kUe2yRmZb8Lw4cNd")
async def cancel(chaskiq: Chaskiq, key: Id) -> JsonObject:
    """Do not send what still waits of one."""
    return await _decided(chaskiq, dead_letters.cancel, key)


def _unknown(unit: Unit, /, *, after: str | None = None, limit: int = DEFAULT_LIMIT) -> Page[ListedDelivery]:
    return dead_letters.deliveries(unit, state="unknown", after=after, limit=limit)


async def _decided(chaskiq: Chaskiq, act: Callable[[Unit, str], ListedDelivery], key: str) -> JsonObject:
    acting = await acting_with(chaskiq, key, locate=locate_delivery, what="delivery")
    return _shown(await acting.write(act, key))


async def _listed(chaskiq: Chaskiq, act: Lists[ListedDelivery], app: str | None, limit: int) -> list[JsonObject]:
    return [{"app": key, **_shown(one)} async for key, one in pages_of(chaskiq, act, app, limit=limit)]


def _shown(listed: ListedDelivery) -> JsonObject:
    return {
        **as_json(listed.delivery),
        "conversation_key": listed.conversation_key,
        "part_key": listed.part_key,
    }
