"""`chaskiq deliveries`: what could not be sent."""

from typing import Annotated

import typer

from chaskiq_core.desk import dead_letters
from chaskiq_core.desk.dead_letters import ListedDelivery
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.store.locate import locate_delivery
from chaskiq_server.cli.declare import AnyApp, Limit, command
from chaskiq_server.cli.found import acting_with, pages_of

group = typer.Typer(name="deliveries", help="What could not be sent.")


@command(group, "failed", example="chaskiq deliveries failed")
async def failed(chaskiq: Chaskiq, app: AnyApp = None, limit: Limit = 100) -> list[JsonObject]:
    """List the deliveries that failed, newest first, with the provider's reason."""
    return [
        {"app": key, **_shown(listed)}
        async for key, listed in pages_of(chaskiq, dead_letters.deliveries, app, limit=limit)
    ]


@command(group, "retry", example="chaskiq deliveries retry Pq3tVxh1kUe2yRmZb8Lw4cNd")
async def retry(
    chaskiq: Chaskiq, key: Annotated[str, typer.Argument(metavar="ID", help="As `deliveries failed` shows it.")]
) -> JsonObject:
    """Send one again: the pieces without a receipt only."""
    acting = await acting_with(chaskiq, key, locate=locate_delivery, what="delivery")
    return _shown(await acting.write(dead_letters.retry, key))


def _shown(listed: ListedDelivery) -> JsonObject:
    return {
        **as_json(listed.delivery),
        "conversation_key": listed.conversation_key,
        "part_key": listed.part_key,
    }
