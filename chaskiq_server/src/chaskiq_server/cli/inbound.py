"""`chaskiq inbound`: what came from providers and could not be taken in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import anyio
import typer

from chaskiq_core.desk import dead_letters
from chaskiq_core.desk.replay import ReplayView, replay_lane, replay_progress, replay_span
from chaskiq_core.errors import InvalidError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.staff.apps import list_apps
from chaskiq_core.store.locate import locate_inbound_item
from chaskiq_core.store.store import Acting
from chaskiq_server.cli.answers import tell
from chaskiq_server.cli.declare import AnyApp, Limit, command
from chaskiq_server.cli.fixture import make_fixture, write_fixture
from chaskiq_server.cli.found import CLI, acting_with, pages_of

LOOK_SECONDS = 0.2
Item = Annotated[str, typer.Argument(metavar="ID", help="As `inbound failed` shows it.")]
group = typer.Typer(name="inbound", help="What came from providers and could not be taken in.")


@command(group, "failed", example="chaskiq inbound failed")
async def failed(chaskiq: Chaskiq, app: AnyApp = None, limit: Limit = 100) -> list[JsonObject]:
    """List the elements of webhooks that failed, newest first, with what failed."""
    return [
        {"app": key, **as_json(item)} async for key, item in pages_of(chaskiq, dead_letters.inbound, app, limit=limit)
    ]


@command(group, "replay", example="chaskiq inbound replay 183745601")
async def replay(
    chaskiq: Chaskiq,
    item_id: Annotated[str | None, typer.Argument(metavar="ID", help="As `inbound failed` shows it.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Instead of one: all that came from then on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="The end of the span, UTC; now, if left out.")] = None,
    state: Annotated[str, typer.Option(help="Of the span: failed, ignored, done or all.")] = "failed",
    app: AnyApp = None,
    live: Annotated[bool, typer.Option("--live", help="Of the span: with bots and unread, as if it came now.")] = False,
) -> JsonObject | list[JsonObject]:
    """Take in again one element, or a span of time; what we have already is not added twice."""
    if (item_id is None) == (since is None):
        raise InvalidError("give an ID, or --since for a span of time")
    if item_id is not None:
        acting = await acting_with(chaskiq, item_id, locate=locate_inbound_item, what="inbound item")
        return {"id": await acting.write(dead_letters.replay, item_id), "state": "pending"}
    assert since is not None
    keys = [app] if app else [key for key, _ in await chaskiq.store.house_read(list_apps)]
    done: list[JsonObject] = []
    for key in keys:
        acting = chaskiq.store.acting(await chaskiq.store.app_id(key), CLI)
        begun = await acting.write(replay_span, since=_utc(since), until=until and _utc(until), state=state, live=live)
        done.append({"app": key, **as_json(await _replayed(chaskiq, acting, key, begun))})
    return done


async def _replayed(chaskiq: Chaskiq, acting: Acting, app: str, begun: ReplayView) -> ReplayView:
    """The replay once it is through; carried out here, unless a worker has it in hand."""
    while (now := await acting.read(replay_progress, begun.id)).state == "pending":
        tell(f"{app}: {now.replayed} so far")
        if not await chaskiq.run_job_lane(acting.app_id, replay_lane(begun.id)):
            await anyio.sleep(LOOK_SECONDS)
    return now


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


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
