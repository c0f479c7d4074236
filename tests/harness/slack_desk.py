"""A real server with a Slack app at a sandbox: people in a workspace, an agent at the desk, real HTTP between."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx

from chaskiq_core import Chaskiq, desk, load_settings
from chaskiq_core.content import Document, document_from_text
from chaskiq_core.desk import integrations, staff
from chaskiq_core.hub import AppActing
from chaskiq_core.integrations.add import install_lane
from chaskiq_core.model import RoleName
from chaskiq_core.plugin.views import ConversationView, DeliveryView, PartView
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app as create_tenant
from chaskiq_server.app import create_app
from chaskiq_server.serving import bind, serving, url_of
from chaskiq_slack.sandbox import SlackSandbox, running_sandbox
from tests.harness.databases import Database
from tests.harness.house import ANN, SECRET_KEY, count_open, let_jobs_be_due
from tests.harness.wait import until

TOKEN = "xoxb-1-desk-of-the-tests"
SIGNING_SECRET = "the-signing-secret-of-the-desk"
HELP = "C0HELP"
MAYA = "U0MAYA"


@dataclass(slots=True)
class SlackDesk:
    """A server with its Slack app installed at a sandbox."""

    chaskiq: Chaskiq
    sandbox: SlackSandbox
    slack: httpx.AsyncClient
    """People's side of the sandbox."""
    rest: httpx.AsyncClient
    """The server's REST API of the App, with Ann's token."""
    ann: AppActing
    integration: str

    async def act(self, path: str, body: dict[str, object], *, method: str = "POST") -> dict[str, object]:
        """Something that a person does in Slack."""
        answer = await self.slack.request(method, path, json=body)
        answer.raise_for_status()
        told: dict[str, object] = answer.json()
        return told

    async def write(self, text: str, *, user: str = MAYA, channel: str | None = HELP, **more: object) -> str:
        """A person writes; the message's ts. Without a channel to the app directly."""
        place = {"channel": channel} if channel else {}
        return str((await self.act("/messages", {"user": user, "text": text, **place, **more}))["ts"])

    async def send_file(self, name: str, content: bytes, *, text: str = "", channel: str = HELP) -> str:
        """A person sends a file; the message's ts."""
        message = json.dumps({"user": MAYA, "channel": channel, "text": text})
        answer = await self.slack.post("/messages", data={"message": message}, files={"file": (name, content)})
        answer.raise_for_status()
        return str(answer.json()["ts"])

    async def conversation_with(self, text: str) -> ConversationView:
        """The conversation of a part with this text, once it is there."""
        found: list[ConversationView] = []

        async def arrived() -> bool:
            for conversation in (await self.ann.read(desk.inbox)).items:
                if any(part.text == text for part in await self.parts(conversation.key)):
                    found.append(conversation)
            return bool(found)

        await until(arrived)
        return found[0]

    async def customer_writes(self, text: str, **more: object) -> ConversationView:
        """A person writes; the conversation it came to."""
        await self.write(text, **more)  # type: ignore[arg-type]
        return await self.conversation_with(text)

    async def shown(self, channel: str = HELP) -> list[dict[str, object]]:
        """All that stands in a channel."""
        answer = await self.slack.get("/messages", params={"channel": channel})
        answer.raise_for_status()
        messages: list[dict[str, object]] = answer.json()["messages"]
        return messages

    async def shown_by_us(self, channel: str = HELP) -> list[dict[str, object]]:
        """What the app wrote there."""
        return [one for one in await self.shown(channel) if "bot_id" in one]

    async def reply(
        self, key: str, text: str | Document, *, attachments: tuple[str, ...] = (), private_note: bool = False
    ) -> PartView:
        """Ann's reply, or her note."""
        content = document_from_text(text) if isinstance(text, str) else text
        replied = await self.ann.write(
            desk.reply, key, content=content, attachments=attachments, private_note=private_note
        )
        return replied.part

    async def upload(self, name: str, content: bytes) -> str:
        """A file of Ann's; its id."""
        answer = await self.rest.post("/media", files={"file": (name, content)})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def parts(self, key: str) -> list[PartView]:
        return list((await self.ann.read(desk.parts, key, limit=100)).items)

    async def delivery(self, key: str) -> DeliveryView:
        """The newest, once it is known what became of it."""
        found: list[DeliveryView] = []

        async def settled() -> bool:
            found[:] = [one for part in await self.parts(key) for one in part.deliveries]
            return found[-1].state not in ("queued", "sending", "unknown")

        await until(settled)
        await self.quiet()
        return found[-1]

    async def fault(self, **fault: object) -> None:
        """What goes wrong next at Slack."""
        await self.act("/faults", fault)

    async def methods(self) -> list[str]:
        """What was called at Slack, in order."""
        return [str(one["method"]) for one in (await self.slack.get("/calls")).json()["calls"]]

    async def quiet(self, *, seconds: float = 60) -> None:
        """Wait until nothing is left to do, here and at Slack; jobs wait for no retry."""
        acting = self.chaskiq.acting(self.ann.app_key, as_system="tests")

        async def nothing_left() -> bool:
            await acting.write(let_jobs_be_due)
            return not self.sandbox.posts.lanes() and await acting.read(count_open) == 0

        await until(nothing_left, seconds=seconds)


@asynccontextmanager
async def a_slack_desk(
    database: Database,
    *,
    sandbox: SlackSandbox | None = None,
    slack: dict[str, str] | None = None,
    plugins: Mapping[str, object] | None = None,
    **settings: object,
) -> AsyncIterator[SlackDesk]:
    """A server and a sandbox that know each other by real HTTP; `slack` are more settings of the integration."""
    sandbox = sandbox or SlackSandbox(retry_delays=(0.05, 0.1, 0.2))
    with bind("127.0.0.1", 0) as listener, TemporaryDirectory(prefix="chaskiq-media-") as folder:
        chosen: dict[str, object] = {"media_url": f"file://{folder}", "plugins": "slack", **settings}
        chaskiq = Chaskiq(
            load_settings(
                database_url=database.url,
                secret_key=SECRET_KEY,
                public_url=url_of(listener),
                _env_file=None,
                **chosen,
            ),
            store=database.store(),
            plugins=plugins or {},
        )
        async with (
            running_sandbox(sandbox=sandbox) as slack_url,
            serving(create_app(chaskiq), listener),
            httpx.AsyncClient(base_url=f"{slack_url}/sandbox", trust_env=False, timeout=30) as people,
        ):
            _, key = await chaskiq.store.house_write(create_tenant, "Acme")
            await chaskiq.store.house_write(add_agent, key, email=ANN, name="Ann", role=RoleName.ADMIN)
            ann = chaskiq.acting(key, as_agent=ANN)
            token = await ann.write(staff.create_token, ANN)
            given = {"bot_token": TOKEN, "signing_secret": SIGNING_SECRET, "api_base": f"{slack_url}/api"}
            sealed = chaskiq.seal_settings("slack", {**given, **(slack or {})}, hook_token="hook-slack")
            added = await ann.write(integrations.add, sealed, runs_itself=True)
            assert await chaskiq.run_job_lane(await chaskiq.store.app_id(key), install_lane(added.view.id))
            app = {"token": TOKEN, "signing_secret": SIGNING_SECRET, "request_url": chaskiq.hook_url("hook-slack")}
            (await people.post("/apps", json=app)).raise_for_status()
            (await people.post("/channels", json={"id": HELP, "name": "help"})).raise_for_status()
            (await people.post("/users", json={"id": MAYA, "name": "maya", "real_name": "Maya R."})).raise_for_status()
            async with httpx.AsyncClient(
                base_url=f"{url_of(listener)}/api/v1/apps/{key}",
                headers={"authorization": f"Bearer {token}"},
                trust_env=False,
                timeout=30,
            ) as rest:
                yield SlackDesk(chaskiq, sandbox, people, rest, ann, added.view.id)
