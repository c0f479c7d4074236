"""A real server for tests: uvicorn on a loopback port with the tiny channel, two Apps, and a token for each admin."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx
from fastapi import FastAPI

from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.desk import integrations, staff
from chaskiq_core.model import RoleName
from chaskiq_core.model.ids import AgentId
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app as create_tenant
from chaskiq_server.app import create_app
from chaskiq_server.cable.rounds import Pace
from chaskiq_server.serving import bind, serving, url_of
from tests.harness.databases import Database
from tests.harness.house import ANN, SECRET_KEY, House, a_message
from tests.harness.tiny_channel import SECRET, TinyChannel

HOOKS = "/api/v1/hooks/receiver"
EVE = "eve@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One App with an admin and a working integration."""

    app_key: str
    admin: str
    """The admin's id."""
    token: str
    hook_token: str
    integration: str

    def path(self, path: str) -> str:
        """The path of something of this App."""
        return f"/api/v1/apps/{self.app_key}{path}"


@dataclass(slots=True, kw_only=True)
class RunningServer:
    """A server that answers at `url`."""

    url: str
    app: FastAPI
    chaskiq: Chaskiq
    tiny: TinyChannel
    house: House
    """The first App's, for what is quicker asked inside."""
    acme: Tenant
    evil: Tenant
    http: httpx.AsyncClient

    async def call(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        tenant: Tenant | None = None,
        token: str | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> httpx.Response:
        """A REST request to an App (Acme unless another is named), with its admin's token unless another is given."""
        tenant = tenant or self.acme
        headers = {"authorization": f"Bearer {token or tenant.token}"}
        return await self.http.request(method, tenant.path(path), json=json, headers=headers, params=params)

    async def hook(self, *messages: Mapping[str, object], tenant: Tenant | None = None) -> httpx.Response:
        """A webhook of the tiny provider."""
        return await self.http.post(
            f"{HOOKS}/{(tenant or self.acme).hook_token}",
            json={"messages": messages},
            headers={"x-tiny-secret": SECRET},
        )

    async def customer_writes(self, text: str, *, number: int = 1, chat: str = "7") -> str:
        """A message, taken in; the key of the conversation it came to."""
        answer = await self.hook(a_message(number, text, chat=chat))
        assert answer.status_code == 200, answer.text
        await self.house.quiet()
        return (await self.house.conversation(chat)).key

    def cable_url(self, tenant: Tenant | None = None, *, token: str | None = None) -> str:
        """Where an agent connects."""
        tenant = tenant or self.acme
        return f"{self.url.replace('http', 'ws', 1)}/cable?app={tenant.app_key}&token={token or tenant.token}"


@asynccontextmanager
async def running_server(
    database: Database,
    *,
    tiny: TinyChannel | None = None,
    pace: Pace | None = None,
    allow_private_hosts: bool = False,
    trace: Callable[[str], None] | None = None,
    max_media_bytes: int = 1_000_000,
    redis_url: str | None = None,
) -> AsyncIterator[RunningServer]:
    """A server with its worker on an empty database, furnished with two Apps."""
    channel = tiny or TinyChannel()
    with bind("127.0.0.1", 0) as listener, TemporaryDirectory(prefix="chaskiq-media-") as folder:
        settings = load_settings(
            database_url=database.url,
            redis_url=redis_url,
            secret_key=SECRET_KEY,
            public_url=url_of(listener),
            media_url=f"file://{folder}",
            max_media_bytes=max_media_bytes,
            plugins="tiny,web",
            allow_private_hosts=allow_private_hosts,
            _env_file=None,
        )
        chaskiq = Chaskiq(settings, plugins={"tiny": channel}, store=database.store(trace=trace))
        app = create_app(chaskiq, pace=pace)
        async with serving(app, listener):
            acme = await _furnish(chaskiq, "Acme", ANN)
            evil = await _furnish(chaskiq, "Evil", EVE)
            app_id = await chaskiq.store.app_id(acme.app_key)
            async with httpx.AsyncClient(base_url=url_of(listener), trust_env=False, timeout=30) as http:
                yield RunningServer(
                    url=url_of(listener),
                    app=app,
                    chaskiq=chaskiq,
                    tiny=channel,
                    house=House(chaskiq, channel, app_id, acme.app_key, acme.integration),
                    acme=acme,
                    evil=evil,
                    http=http,
                )


@asynccontextmanager
async def another_server(database: Database, *, redis_url: str | None) -> AsyncIterator[str]:
    """One more server on a database that has its Apps, as another process would run it; where it answers."""
    with bind("127.0.0.1", 0) as listener:
        settings = load_settings(
            database_url=database.url,
            redis_url=redis_url,
            secret_key=SECRET_KEY,
            public_url=url_of(listener),
            plugins="tiny",
            _env_file=None,
        )
        chaskiq = Chaskiq(settings, plugins={"tiny": TinyChannel()}, store=database.store())
        async with serving(create_app(chaskiq, workers=False), listener):
            yield url_of(listener)


async def add_colleague(server: RunningServer, role: RoleName, *, email: str) -> tuple[AgentId, str]:
    """One more agent of Acme; their id and a token."""
    agent_id = await server.chaskiq.store.house_write(
        add_agent, server.acme.app_key, email=email, name=email.split("@")[0], role=role
    )
    return agent_id, await server.house.ann.write(staff.create_token, email)


async def _furnish(chaskiq: Chaskiq, name: str, email: str) -> Tenant:
    _, key = await chaskiq.store.house_write(create_tenant, name)
    admin = await chaskiq.store.house_write(
        add_agent, key, email=email, name=email.split("@")[0].title(), role=RoleName.ADMIN
    )
    acting = chaskiq.acting(key, as_agent=email)
    hook_token = f"hook-of-{name.lower()}"
    sealed = chaskiq.seal_settings("tiny", {"name": f"tiny-{name.lower()}"}, hook_token=hook_token)
    added = await acting.write(integrations.add, sealed, name="Tiny", install=False)
    return Tenant(
        app_key=key,
        admin=str(admin),
        token=await acting.write(staff.create_token, email),
        hook_token=hook_token,
        integration=added.view.id,
    )
