"""`chaskiq apps`: create one, list them."""

from typing import Annotated

import typer

from chaskiq_core.errors import InvalidError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model.table import JsonObject
from chaskiq_core.staff.apps import create_app, list_apps
from chaskiq_server.cli.declare import command

MAX_NAME = 200
group = typer.Typer(name="apps", help="Apps: the companies that this server works for.")


@command(group, "create", example="chaskiq apps create --name Acme")
async def create(chaskiq: Chaskiq, name: Annotated[str, typer.Option(help="What people call it.")]) -> JsonObject:
    """Create an App with its bot agent and four segments."""
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise InvalidError(f"--name must have 1 to {MAX_NAME} characters")
    _, key = await chaskiq.store.house_write(create_app, name.strip())
    return {"key": key, "name": name.strip()}


@command(group, "list", example="chaskiq apps list")
async def show_all(chaskiq: Chaskiq) -> list[JsonObject]:
    """List the Apps, oldest first."""
    return [{"key": key, "name": name} for key, name in await chaskiq.store.house_read(list_apps)]
