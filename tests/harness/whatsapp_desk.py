"""A real server with a WhatsApp number at a sandbox: people on one side, an agent on the other, real HTTP between."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx

from chaskiq_core import Chaskiq, desk, load_settings
from chaskiq_core.content import Document, document_from_text
from chaskiq_core.desk import integrations, staff
from chaskiq_core.host.call import Limits
from chaskiq_core.hub import AppActing
from chaskiq_core.integrations.add import install_lane
from chaskiq_core.model import RoleName
from chaskiq_core.plugin.views import ConversationView, DeliveryView, PartView
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app as create_tenant
from chaskiq_server.app import create_app
from chaskiq_server.serving import bind, serving, url_of
from chaskiq_whatsapp.sandbox import APP_SECRET, WhatsAppSandbox, running_sandbox
from tests.harness.databases import Database
from tests.harness.house import ANN, SECRET_KEY, count_open, let_jobs_be_due
from tests.harness.wait import until

NUMBER_ID = "640100200300"
WABA_ID = "880200300400"
MAYA = "491711234567"


@dataclass(slots=True)
class WhatsAppDesk:
    """A server with its number installed at a sandbox."""

    chaskiq: Chaskiq
    sandbox: WhatsAppSandbox
    people: httpx.AsyncClient
    """People's side of the sandbox."""
    rest: httpx.AsyncClient
    """The server's REST API of the App, with Ann's token."""
    ann: AppActing
    integration: str

    async def act(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """Something that a person does with the number."""
        answer = await self.people.post(f"/sandbox/numbers/{NUMBER_ID}{path}", json=body or {})
        answer.raise_for_status()
        told: dict[str, object] = answer.json()
        return told

    async def maya(self, act: str, **body: object) -> dict[str, object]:
        """Something that Maya does."""
        return await self.act(f"/people/{MAYA}/{act}", body)

    async def customer_writes(self, text: str, *, answers: str = "", **person: object) -> ConversationView:
        """A person writes; the conversation it came to."""
        told = {"wa_id": MAYA, "name": "Maya", **person}
        await self.act("/messages", {"from": told, "text": text, "answers": answers})
        return await self.conversation_with(text)

    async def customer_sends(self, kind: str, content: bytes, mime: str, *, caption: str = "") -> None:
        """A person sends a file."""
        answer = await self.people.post(
            f"/sandbox/numbers/{NUMBER_ID}/files", content=content, headers={"content-type": mime}
        )
        file = {**answer.json(), **({"caption": caption} if caption else {})}
        await self.act("/messages", {"from": {"wa_id": MAYA, "name": "Maya"}, "type": kind, kind: file})

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

    async def customer_sees(self, person: str = MAYA) -> list[dict[str, object]]:
        """What the business sent to a person, as the sandbox shows it."""
        answer = await self.people.get(f"/sandbox/numbers/{NUMBER_ID}/people/{person}/messages")
        return [one for one in answer.json()["messages"] if one["direction"] == "out"]

    async def reply(
        self, key: str, content: str | Document, *, attachments: tuple[str, ...] = (), reply_to: str | None = None
    ) -> PartView:
        """Ann's reply."""
        document = document_from_text(content) if isinstance(content, str) else content
        replied = await self.ann.write(desk.reply, key, content=document, attachments=attachments, reply_to=reply_to)
        return replied.part

    async def upload(self, name: str, content: bytes) -> str:
        """A file of Ann's; its id."""
        answer = await self.rest.post("/media", files={"file": (name, content)})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def parts(self, key: str) -> list[PartView]:
        return list((await self.ann.read(desk.parts, key, limit=100)).items)

    async def delivery(self, key: str, *, state: str) -> DeliveryView:
        """The newest part's, once it has come so far."""
        found: list[DeliveryView] = []

        async def is_there() -> bool:
            found[:] = (await self.parts(key))[-1].deliveries
            return bool(found) and found[0].state == state

        await until(is_there)
        return found[0]

    async def quiet(self, *, seconds: float = 60) -> None:
        """Wait until nothing is left to do; jobs wait for no retry."""
        acting = self.chaskiq.acting(self.ann.app_key, as_system="tests")

        async def nothing_left() -> bool:
            await acting.write(let_jobs_be_due)
            return await acting.read(count_open) == 0

        await until(nothing_left, seconds=seconds)


@asynccontextmanager
async def a_whatsapp_desk(
    database: Database,
    *,
    limits: Limits | None = None,
    sandbox: WhatsAppSandbox | None = None,
    plugins: Mapping[str, object] | None = None,
) -> AsyncIterator[WhatsAppDesk]:
    """A server and a sandbox that know each other by real HTTP."""
    sandbox = sandbox or WhatsAppSandbox(first_retry_seconds=0.05, longest_retry_seconds=0.2)
    with bind("127.0.0.1", 0) as listener, TemporaryDirectory(prefix="chaskiq-media-") as folder:
        chaskiq = Chaskiq(
            load_settings(
                database_url=database.url,
                secret_key=SECRET_KEY,
                public_url=url_of(listener),
                media_url=f"file://{folder}",
                plugins="whatsapp",
                _env_file=None,
            ),
            limits=limits,
            plugins=plugins or {},
            store=database.store(),
        )
        async with (
            running_sandbox(sandbox=sandbox) as whatsapp_url,
            serving(create_app(chaskiq), listener),
            httpx.AsyncClient(base_url=whatsapp_url, trust_env=False, timeout=30) as people,
        ):
            _, key = await chaskiq.store.house_write(create_tenant, "Acme")
            await chaskiq.store.house_write(add_agent, key, email=ANN, name="Ann", role=RoleName.ADMIN)
            ann = chaskiq.acting(key, as_agent=ANN)
            token = await ann.write(staff.create_token, ANN)
            integration = await _install(chaskiq, ann, whatsapp_url)
            async with httpx.AsyncClient(
                base_url=f"{url_of(listener)}/api/v1/apps/{key}",
                headers={"authorization": f"Bearer {token}"},
                trust_env=False,
                timeout=30,
            ) as rest:
                yield WhatsAppDesk(chaskiq, sandbox, people, rest, ann, integration)


async def _install(chaskiq: Chaskiq, ann: AppActing, whatsapp_url: str) -> str:
    given = {
        "phone_number_id": NUMBER_ID,
        "waba_id": WABA_ID,
        "access_token": "EAAG-of-the-tests",
        "app_secret": APP_SECRET,
        "verify_token": "words-of-the-tests",
        "api_base": whatsapp_url,
    }
    sealed = chaskiq.seal_settings("whatsapp", given, hook_token="hook-whatsapp")
    added = await ann.write(integrations.add, sealed, runs_itself=True)
    app_id = await chaskiq.store.app_id(ann.app_key)
    assert await chaskiq.run_job_lane(app_id, install_lane(added.view.id))
    return added.view.id
