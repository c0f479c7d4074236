"""`chaskiq agents`: create, list, disable."""

import sys
from enum import StrEnum
from typing import Annotated

import typer
from argon2 import PasswordHasher

from chaskiq_core.desk import staff
from chaskiq_core.errors import InvalidError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model import RoleName
from chaskiq_core.model.table import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.staff.agents import add_agent, disable_agent
from chaskiq_server.cli.declare import AppKey, command

MIN_PASSWORD, MAX_PASSWORD = 8, 1000
group = typer.Typer(name="agents", help="Agents: the people who answer.")


class HumanRole(StrEnum):
    """What an agent may do."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"


@command(group, "create", example="chaskiq agents create --app KEY --email ann@example.org --name Ann --role admin")
async def create(
    chaskiq: Chaskiq,
    app: AppKey,
    email: Annotated[str, typer.Option(help="The address that the agent is known by in all Apps.")],
    name: Annotated[str, typer.Option(help="What contacts see.")],
    role: Annotated[HumanRole, typer.Option(help="Each role includes the one after it.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin; without it the agent is invited.")
    ] = False,
) -> JsonObject:
    """Create an agent, or give a known one a role in this App."""
    if not name.strip():
        raise InvalidError("--name must not be empty")
    password_hash = PasswordHasher().hash(_read_password()) if password_stdin else None
    agent_id = await chaskiq.store.house_write(
        add_agent, app, email=email, name=name.strip(), role=RoleName(role.value), password_hash=password_hash
    )
    return {"id": str(agent_id), "email": email.strip().lower()}


@command(group, "list", example="chaskiq agents list --app KEY")
async def show_all(chaskiq: Chaskiq, app: AppKey) -> list[JsonObject]:
    """List an App's agents, oldest first, its bot among them."""
    return [as_json(agent) for agent in await chaskiq.acting(app, as_system="cli").read(staff.list_agents)]


@command(group, "disable", example="chaskiq agents disable ann@example.org")
async def disable(
    chaskiq: Chaskiq, email: Annotated[str, typer.Argument(help="The agent's address.", show_default=False)]
) -> JsonObject:
    """Lock an agent out of every App; their tokens are good for nothing from now on."""
    await chaskiq.store.house_write(disable_agent, email)
    return {"email": email.strip().lower(), "disabled": True}


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidError(f"--password-stdin: a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return password
