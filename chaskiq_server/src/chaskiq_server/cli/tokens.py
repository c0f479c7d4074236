"""`chaskiq tokens`: bearer tokens for REST and the cable."""

from typing import Annotated

import typer

from chaskiq_core.desk import staff
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.staff.tokens import locate_app
from chaskiq_server.cli.declare import AppKey, command
from chaskiq_server.cli.found import acting_with

group = typer.Typer(name="tokens", help="Bearer tokens of agents, for REST and the cable.")


@command(group, "create", example="chaskiq tokens create --app KEY --agent ann@example.org")
async def create(
    chaskiq: Chaskiq, app: AppKey, agent: Annotated[str, typer.Option(help="The agent's address or id.")]
) -> JsonObject:
    """Create a token, which is shown this once."""
    return {"token": await chaskiq.acting(app, as_system="cli").write(staff.create_token, agent)}


@command(group, "list", example="chaskiq tokens list --app KEY")
async def show_all(chaskiq: Chaskiq, app: AppKey) -> list[JsonObject]:
    """List an App's tokens, oldest first, each by its last four characters."""
    tokens = await chaskiq.acting(app, as_system="cli").read(staff.list_tokens)
    return [{**as_json(token), "id": str(token.id)} for token in tokens]


@command(group, "revoke", example="chaskiq tokens revoke 183745601")
async def revoke(
    chaskiq: Chaskiq, token_id: Annotated[str, typer.Argument(metavar="ID", help="As `tokens list` shows it.")]
) -> JsonObject:
    """Make a token good for nothing, at once."""
    acting = await acting_with(chaskiq, token_id, locate=locate_app, what="token")
    await acting.write(staff.revoke_token, token_id)
    return {"id": token_id, "revoked": True}
