"""A hub with Slack apps in Apps of their own, without a sandbox: for webhooks alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.desk import integrations
from chaskiq_core.hub import AppActing
from chaskiq_core.model import Integration, RoleName
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app as create_tenant
from chaskiq_core.store.unit import Unit
from chaskiq_server.app import create_app
from tests.harness.databases import Database
from tests.harness.house import ANN, SECRET_KEY


@dataclass(slots=True)
class SlackHouse:
    """An open hub behind its server's app."""

    chaskiq: Chaskiq
    http: httpx.AsyncClient

    async def add_app(self, name: str, *, team: str, secret: str) -> AppActing:
        """An App with a Slack app in that workspace; its hook token is its name."""
        _, key = await self.chaskiq.store.house_write(create_tenant, name)
        await self.chaskiq.store.house_write(add_agent, key, email=ANN, name="Ann", role=RoleName.ADMIN)
        ann = self.chaskiq.acting(key, as_agent=ANN)
        given = {"bot_token": f"xoxb-{name}", "signing_secret": secret, "api_base": "http://127.0.0.1:9/api"}
        sealed = self.chaskiq.seal_settings("slack", given, hook_token=f"hook-{name}")
        await ann.write(integrations.add, sealed, install=False)
        await ann.write(set_account, team)
        return ann


def set_account(unit: Unit, account: str) -> None:
    """What an install would have told."""
    unit.change(unit.update(Integration).values(account=account))


@asynccontextmanager
async def a_slack_house(database: Database) -> AsyncIterator[SlackHouse]:
    """The hub with its workers, and a client of its HTTP."""
    settings = load_settings(
        database_url=database.url,
        secret_key=SECRET_KEY,
        plugins="slack",
        public_url="https://t.example",
        _env_file=None,
    )
    app = create_app(chaskiq := Chaskiq(settings, store=database.store()))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://t.example") as http,
    ):
        yield SlackHouse(chaskiq, http)
