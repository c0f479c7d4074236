"""`chaskiq doctor`: one line for each thing that must work."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

import anyio
import typer

from chaskiq_core.desk import integrations as desk
from chaskiq_core.errors import ChaskiqError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.integrations.find import find_stored
from chaskiq_core.plugin.views import IntegrationView
from chaskiq_core.presenters.as_json import as_json, rfc3339
from chaskiq_core.settings import load_settings
from chaskiq_core.staff.apps import list_apps
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.migrate import latest_version
from chaskiq_core.store.store import Acting
from chaskiq_server.cli.answers import show
from chaskiq_server.cli.examined import Line, look_at_sqlite, look_at_work
from chaskiq_server.cli.found import CLI
from chaskiq_server.redis_ping import redis_silence

REDIS_SECONDS = 5
MAX_SHOWN = 3
LATELY = timedelta(hours=24)
OF_STATE = {
    "broken": "correct the setting with `chaskiq integrations set ID FIELD=VALUE`, which asks the provider again",
    "installing": "let `chaskiq serve` or `chaskiq worker` run: they tell the provider of our webhook",
    "paused": "it sends nothing until `chaskiq integrations resume ID`",
}


def add_to(app: typer.Typer) -> None:
    """Make it a command."""
    app.command("doctor", epilog="Example: chaskiq doctor")(examine)


def examine(json: Annotated[bool, typer.Option("--json", help="Print the lines as JSON.")] = False) -> None:
    """Check database, Redis, plugins and every integration at its provider; exit 1 if anything fails."""
    lines = anyio.run(_lines, Chaskiq(load_settings(), owner=False))
    if json:
        show([as_json(line) for line in lines])
    for line in () if json else lines:
        typer.echo(str(line))
    if not all(line.ok for line in lines):
        raise typer.Exit(1)


async def _lines(chaskiq: Chaskiq) -> list[Line]:
    lines = [line async for line in _look_at_plugins(chaskiq)]
    if chaskiq.settings.redis_url:
        lines.insert(0, await _look_at_redis(chaskiq.settings.redis_url))
    kind = chaskiq.settings.database_url.partition(":")[0]
    try:
        await chaskiq.open()
    except ChaskiqError as error:
        return [Line(name="database", ok=False, detail=str(error), fix="see CHASKIQ_DATABASE_URL"), *lines]
    try:
        integrations = [line async for line in _look_at_integrations(chaskiq)]
        work = [line async for line in look_at_work(chaskiq)]
    finally:
        await chaskiq.close()
    return [
        Line(name="database", ok=True, detail=f"{kind} answers"),
        *look_at_sqlite(kind, sqlite3.sqlite_version_info),
        Line(name="schema", ok=True, detail=f"is at {latest_version()}"),
        await _look_at_media(chaskiq),
        *lines,
        *work,
        *integrations,
    ]


async def _look_at_media(chaskiq: Chaskiq) -> Line:
    try:
        async with chaskiq.files.draft(max_bytes=1) as draft:
            await draft.write(b".")
    except ChaskiqError as error:
        return Line(name="media", ok=False, detail=str(error), fix="see CHASKIQ_MEDIA_URL")
    return Line(name="media", ok=True, detail="files can be stored")


async def _look_at_plugins(chaskiq: Chaskiq) -> AsyncIterator[Line]:
    for name in sorted(chaskiq.registry.channels):
        yield Line(name=f"plugin {name}", ok=True, detail="loaded")
    for name, reason in sorted(chaskiq.registry.broken.items()):
        yield Line(name=f"plugin {name}", ok=False, detail=reason, fix="install it, or leave it out of CHASKIQ_PLUGINS")


async def _look_at_redis(url: str) -> Line:
    reason = await redis_silence(url, timeout_seconds=REDIS_SECONDS)
    if reason is not None:
        return Line(name="redis", ok=False, detail=f"does not answer ({reason})", fix="see CHASKIQ_REDIS_URL")
    return Line(name="redis", ok=True, detail="answers")


async def _look_at_integrations(chaskiq: Chaskiq) -> AsyncIterator[Line]:
    for key, _ in await chaskiq.store.house_read(list_apps):
        acting = chaskiq.store.acting(await chaskiq.store.app_id(key), CLI)
        for view in await acting.read(desk.integrations):
            async for line in _look_at(chaskiq, acting, view):
                yield line


async def _look_at(chaskiq: Chaskiq, acting: Acting, view: IntegrationView) -> AsyncIterator[Line]:
    name = f"{view.provider}/{view.id}"
    detail = view.state + (f": {view.state_reason}" if view.state_reason else "")
    fix = OF_STATE.get(view.state, "").replace("ID", view.id)
    yield Line(name=name, ok=view.state in ("active", "paused"), detail=detail, fix=fix)
    try:
        stored = await acting.read(find_stored, view.id)
        channel, integration = await chaskiq.integrations.by_id(acting.app_id, stored.id)
    except ChaskiqError as error:
        yield Line(
            name=name, ok=False, detail=str(error), fix=f"set it right with `chaskiq integrations set {view.id} …`"
        )
        return
    hook_url = chaskiq.hook_url(integration.hook_token)
    for check in await chaskiq.host.health(channel, integration, hook_url):
        yield Line(name=f"{name} {check.name}", ok=check.ok, detail=check.detail, fix=check.fix)
    calls = await acting.read(desk.calls, view.id, failed=True, limit=MAX_SHOWN)
    if lately := [call for call in calls.items if utc_now() - call.started_at < LATELY]:
        told = " · ".join(f"{one.hook} at {rfc3339(one.started_at)}: {one.error or one.outcome}" for one in lately)
        fix = f"see `chaskiq integrations calls {view.id} --failed`"
        yield Line(name=f"{name} calls", ok=True, warning=True, detail=f"failed lately: {told}", fix=fix)
