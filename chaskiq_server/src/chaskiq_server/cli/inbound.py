"""`chaskiq inbound`: what came from providers and could not be taken in."""

from pathlib import Path
from typing import Annotated

import typer

from chaskiq_core.desk import dead_letters
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.store.locate import locate_inbound_item
from chaskiq_server.cli.declare import AnyApp, Limit, command
from chaskiq_server.cli.fixture import make_fixture, write_fixture
from chaskiq_server.cli.found import acting_with, pages_of

Item = Annotated[str, typer.Argument(metavar="ID", help="As `inbound failed` shows it.")]
group = typer.Typer(name="inbound", help="What came from providers and could not be taken in.")


@command(group, "failed", example="chaskiq inbound failed")
async def failed(chaskiq: Chaskiq, app: AnyApp = None, limit: Limit = 100) -> list[JsonObject]:
    """List the elements of webhooks that failed, newest first, with what failed."""
    return [
        {"app": key, **as_json(item)} async for key, item in pages_of(chaskiq, dead_letters.inbound, app, limit=limit)
    ]


@command(group, "replay", example="chaskiq inbound replay 183745601")
async def replay(chaskiq: Chaskiq, item_id: Item) -> JsonObject:
    """Take one in again; what we have already is not added twice."""
    acting = await acting_with(chaskiq, item_id, locate=locate_inbound_item, what="inbound item")
    return {"id": await acting.write(dead_letters.replay, item_id), "state": "pending"}


@command(group, "fixture", example="chaskiq inbound fixture 183745601 --into tests/requests --name poll")
async def fixture(
    chaskiq: Chaskiq,
    item_id: Item,
    into: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write the case there, as files.")] = None,
    name: Annotated[str, typer.Option(help="What the files are called.")] = "case",
) -> JsonObject:
    """Make a test case of a stored webhook: names, words and ids are replaced, so it can be shown to anyone.

    The files are NAME.json (the body), NAME.http.json and NAME.expect.json (the events): `channels parse` reads them.
    """
    made = await make_fixture(chaskiq, item_id)
    return {"files": write_fixture(made, into, name)} if into is not None else made
