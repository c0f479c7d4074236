"""`chaskiq integrations`: channels of an App; the provider is told before a command returns."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from chaskiq_core.connect import HOOK_TOKEN_BYTES, install_now
from chaskiq_core.desk import integrations as desk
from chaskiq_core.desk.pages import MAX_LIMIT
from chaskiq_core.errors import InvalidError, PluginError, SendError, SettingsError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.integrations.find import find_stored, locate_app
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.store.store import Acting
from chaskiq_server.cli.answers import tell
from chaskiq_server.cli.declare import AppKey, Limit, command
from chaskiq_server.cli.found import CLI, acting_with

group = typer.Typer(name="integrations", help="Integrations: the channels of an App.")
Id = Annotated[str, typer.Argument(metavar="ID", help="As `integrations list` shows it.", show_default=False)]


@command(
    group, "add", example="chaskiq integrations add telegram --app KEY --set access_token=123456:ABC-your-bot-s-token"
)
async def add(
    chaskiq: Chaskiq,
    provider: Annotated[str, typer.Argument(help="As `chaskiq channels` names it.", show_default=False)],
    app: AppKey,
    name: Annotated[str, typer.Option(help="What agents see; by default the account's own name.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A setting; may be repeated.")
    ] = None,
    install: Annotated[bool, typer.Option("--install/--no-install", help="Tell the provider our webhook.")] = True,
) -> JsonObject:
    """Add a channel: when this returns, the provider has accepted our webhook."""
    hook_token = secrets.token_urlsafe(HOOK_TOKEN_BYTES)
    sealed = chaskiq.seal_settings(provider, _fields(settings or ()), hook_token=hook_token)
    acting = chaskiq.store.acting(await chaskiq.store.app_id(app), CLI)
    added = await acting.write(
        desk.add, sealed, name=name, install=install, runs_itself=True, hook_url=chaskiq.hook_url(hook_token)
    )
    return await _installed(chaskiq, acting, added, hook_token)


@command(group, "list", example="chaskiq integrations list --app KEY")
async def show_all(chaskiq: Chaskiq, app: AppKey) -> list[JsonObject]:
    """List an App's integrations, oldest first, their secrets masked."""
    return [as_json(view) for view in await chaskiq.acting(app, as_system="cli").read(desk.integrations)]


@command(group, "calls", example="chaskiq integrations calls ID --failed")
async def show_calls(
    chaskiq: Chaskiq,
    key: Id,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that were not ok.")] = False,
    limit: Limit = 20,
) -> list[JsonObject]:
    """List the last calls to the provider, newest first, without secrets; a running server writes them every second."""
    acting = await _acting(chaskiq, key)
    shown: list[JsonObject] = []
    after: str | None = None
    while len(shown) < limit:
        page = await acting.read(desk.calls, key, failed=failed, after=after, limit=min(limit - len(shown), MAX_LIMIT))
        shown += [as_json(call) for call in page.items]
        if (after := page.next) is None:
            break
    return shown


@command(group, "set", example="chaskiq integrations set ID access_token=123456:ABC-a-new-token")
async def change(
    chaskiq: Chaskiq,
    key: Id,
    settings: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="`field=` takes one away.")],
) -> JsonObject:
    """Change some settings; the provider is told again."""
    changes = {field: value or None for field, value in _fields(settings).items()}
    return await _change(chaskiq, key, changes)


@command(group, "rotate", example="chaskiq integrations rotate ID")
async def rotate(chaskiq: Chaskiq, key: Id) -> JsonObject:
    """Give it a new hook URL, of which the provider is told; the old one answers 404 from then on."""
    return await _change(chaskiq, key, {}, hook_token=secrets.token_urlsafe(HOOK_TOKEN_BYTES))


@command(group, "on-unknown", example="chaskiq integrations on-unknown ID resend")
async def on_unknown(
    chaskiq: Chaskiq,
    key: Id,
    policy: Annotated[str, typer.Argument(metavar="flag|resend", help="flag: agents decide. resend: sent again.")],
) -> JsonObject:
    """Say what happens to a message that may or may not have left, where its provider can't tell."""
    return as_json(await (await _acting(chaskiq, key)).write(desk.decide_unknown, key, on_unknown=policy))


@command(group, "pause", example="chaskiq integrations pause ID")
async def pause(chaskiq: Chaskiq, key: Id) -> JsonObject:
    """Send nothing from now on; what comes in is kept and shown."""
    return as_json(await (await _acting(chaskiq, key)).write(desk.pause_integration, key))


@command(group, "resume", example="chaskiq integrations resume ID")
async def resume(chaskiq: Chaskiq, key: Id) -> JsonObject:
    """Send again, beginning with what waited."""
    return as_json(await (await _acting(chaskiq, key)).write(desk.resume_integration, key))


@command(group, "remove", example="chaskiq integrations remove ID")
async def remove(chaskiq: Chaskiq, key: Id) -> JsonObject:
    """Take our webhook away at the provider, and the integration with it; conversations stay."""
    acting = await _acting(chaskiq, key)
    stored = await acting.read(find_stored, key)
    try:
        channel, integration = await chaskiq.integrations.by_id(acting.app_id, stored.id)
        await chaskiq.host.uninstall(channel, integration)
    except (SendError, PluginError, SettingsError) as error:
        tell(f"the provider was not told: {error}")
    await acting.write(desk.remove, key, told=True)
    return {"id": key, "removed": True}


async def _acting(chaskiq: Chaskiq, key: str) -> Acting:
    return await acting_with(chaskiq, key, locate=locate_app, what="integration")


async def _change(
    chaskiq: Chaskiq, key: str, changes: Mapping[str, object], *, hook_token: str | None = None
) -> JsonObject:
    acting = await _acting(chaskiq, key)
    stored = await acting.read(find_stored, key)
    sealed, token = chaskiq.change_settings(stored, changes, hook_token=hook_token)
    changed = await acting.write(desk.change, key, sealed, runs_itself=True, hook_url=chaskiq.hook_url(token))
    return await _installed(chaskiq, acting, changed, token)


async def _installed(chaskiq: Chaskiq, acting: Acting, installing: desk.Installing, hook_token: str) -> JsonObject:
    """What is printed once the provider has accepted our webhook; AccountError with its sentence otherwise."""
    view = installing.view
    await install_now(chaskiq, acting, installing)
    return {
        "id": view.id,
        "provider": view.provider,
        "hook_url": chaskiq.hook_url(hook_token),
        "hook_path": chaskiq.hook_path(hook_token),
    }


def _fields(given: Sequence[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for one in given:
        field, is_given, value = one.partition("=")
        if not is_given or not field.strip():
            raise InvalidError("a setting is given as FIELD=VALUE")
        if field.strip() in fields:
            raise InvalidError(f"the setting {field.strip()} is given twice")
        fields[field.strip()] = value
    return fields
