"""`chaskiq channels`: the installed channel plugins, and what they make of webhooks."""

from pathlib import Path
from typing import Annotated

import anyio
import typer

from chaskiq_core.host.registry import Channel
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_server.cli.answers import show, tell
from chaskiq_server.cli.parse import parse_files
from chaskiq_server.cli.plugins import installed_plugins

group = typer.Typer(name="channels", help="The installed channel plugins.", epilog="Example: chaskiq channels --json")


@group.callback(invoke_without_command=True)
def show_all(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print their manifests as JSON.")] = False,
) -> None:
    """List the installed channel plugins; no database and no secret key is needed."""
    if context.invoked_subcommand is not None:
        return
    registry = installed_plugins()
    channels = [channel for _, channel in sorted(registry.channels.items())]
    for reason in registry.broken.values():
        tell(reason)
    if json:
        show([_manifest(channel) for channel in channels])
        return
    for channel in channels:
        fields = channel.manifest.settings.model_fields
        needed = [name for name, field in fields.items() if field.is_required()]
        optional = [name for name, field in fields.items() if not field.is_required()]
        typer.echo(f"{channel.manifest.provider:<10} {channel.manifest.title}")
        typer.echo(f"{'':<10} needs {', '.join(needed) or 'nothing'}; may have {', '.join(optional) or 'nothing'}")


@group.command("parse", epilog="Example: chaskiq channels parse telegram tests/requests/text.json")
def parse(
    provider: Annotated[str, typer.Argument(help="As `chaskiq channels` names it.", show_default=False)],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="BODY_FILE...",
            help="Webhook bodies; NAME.http.json beside one holds its headers, query and secrets.",
            exists=True,
            dir_okay=False,
            readable=True,
            show_default=False,
        ),
    ],
) -> None:
    """Verify and parse webhooks offline; print one JSON line per file with its status and events."""
    anyio.run(parse_files, installed_plugins().channel(provider), files)


def _manifest(channel: Channel) -> JsonObject:
    manifest = channel.manifest
    secret = manifest.settings.secret_names()
    return {
        "plugin": channel.name,
        "provider": manifest.provider,
        "title": manifest.title,
        "settings": [
            {
                "name": name,
                "required": field.is_required(),
                "secret": name in secret,
                "description": field.description or "",
            }
            for name, field in manifest.settings.model_fields.items()
        ],
        "capabilities": as_json(manifest.capabilities),
        "offers": sorted(manifest.offers),
        "methods": sorted(manifest.methods),
        "rate_limits": [as_json(limit) for limit in manifest.rate_limits],
        "idempotency": manifest.idempotency.value,
        "profile_scope": manifest.profile_scope.value,
        "errors": [as_json(rule) for rule in manifest.errors],
        "connect": manifest.connect,
        "help": manifest.help,
        "aliases": list(manifest.aliases),
    }
