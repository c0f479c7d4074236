"""A real server with a Telegram bot at a sandbox: people on one side, an agent on the other, real HTTP between."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx

from chaskiq_core import Chaskiq, desk, load_settings
from chaskiq_core.content import document_from_text
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
from chaskiq_telegram.sandbox import TelegramSandbox, running_sandbox
from tests.harness.databases import Database
from tests.harness.house import ANN, SECRET_KEY, count_open, let_jobs_be_due
from tests.harness.wait import until

BOT = "123456:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
SECOND_BOT = "654321:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
MAYA = {"id": 1001, "first_name": "Maya"}


@dataclass(slots=True)
class TelegramDesk:
    """A server with its bot installed at a sandbox."""

    chaskiq: Chaskiq
    sandbox: TelegramSandbox
    telegram: httpx.AsyncClient
    """People's side of the sandbox."""
    rest: httpx.AsyncClient
    """The server's REST API of the App, with Ann's token."""
    ann: AppActing
    integration: str

    async def act(self, path: str, body: Mapping[str, object], *, bot: str = BOT) -> dict[str, object]:
        """Something that a person does with the bot."""
        answer = await self.telegram.post(f"/sandbox/bots/{bot}{path}", json=body)
        answer.raise_for_status()
        told: dict[str, object] = answer.json()
        return told

    async def send_files(self, *files: tuple[str, bytes], message: str = "{}", bot: str = BOT) -> None:
        """A person sends files; `message` is what is said of them, as JSON."""
        parts = [("file", (name, content)) for name, content in files]
        answer = await self.telegram.post(f"/sandbox/bots/{bot}/messages", data={"message": message}, files=parts)
        answer.raise_for_status()

    async def customer_writes(
        self, text: str, *, sender: Mapping[str, object] = MAYA, bot: str = BOT, **more: object
    ) -> ConversationView:
        """A person writes; the conversation it came to."""
        await self.act("/messages", {"from": sender, "text": text, **more}, bot=bot)
        return await self.conversation_with(text)

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

    async def customer_sees(self, *, chat: int = 1001, bot: str = BOT) -> list[tuple[str, str]]:
        """Id and text of what the bot wrote to a chat."""
        return [(str(one["message_id"]), str(one["text"])) for one in await self.shown(chat=chat, bot=bot)]

    async def shown(self, *, chat: int = 1001, bot: str = BOT) -> list[dict[str, object]]:
        """What the bot wrote to a chat, and what is still there of it, as a person sees it."""
        answer = await self.telegram.get(f"/sandbox/bots/{bot}/chats/{chat}/messages")
        return [one for one in answer.json()["messages"] if one["direction"] == "bot" and not one["deleted"]]

    async def reply(self, key: str, text: str, *, attachments: tuple[str, ...] = ()) -> PartView:
        """Ann's reply."""
        replied = await self.ann.write(desk.reply, key, content=document_from_text(text), attachments=attachments)
        return replied.part

    async def upload(self, name: str, content: bytes) -> str:
        """A file of Ann's; its id."""
        answer = await self.rest.post("/media", files={"file": (name, content)})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def parts(self, key: str) -> list[PartView]:
        return list((await self.ann.read(desk.parts, key, limit=100)).items)

    async def delivery(self, key: str) -> DeliveryView:
        """The newest part's, once nothing is left to do."""
        await self.quiet()
        return (await self.parts(key))[-1].deliveries[0]

    async def quiet(self, *, seconds: float = 60) -> None:
        """Wait until nothing is left to do; jobs wait for no retry."""
        acting = self.chaskiq.acting(self.ann.app_key, as_system="tests")

        async def nothing_left() -> bool:
            await acting.write(let_jobs_be_due)
            return await acting.read(count_open) == 0

        await until(nothing_left, seconds=seconds)

    async def add_bot(self, token: str) -> str:
        """One more bot of the App, installed; its integration's id."""
        return await _install(self.chaskiq, self.ann, str(self.telegram.base_url), token, {})


@asynccontextmanager
async def a_telegram_desk(
    database: Database,
    *,
    limits: Limits | None = None,
    sandbox: TelegramSandbox | None = None,
    plugins: Mapping[str, object] | None = None,
    telegram: Mapping[str, str] | None = None,
    **settings: object,
) -> AsyncIterator[TelegramDesk]:
    """A server and a sandbox that know each other by real HTTP; `telegram` are more settings of the bot."""
    sandbox = sandbox or TelegramSandbox(first_retry_seconds=0.05, longest_retry_seconds=0.2)
    more = dict(telegram or {})
    with bind("127.0.0.1", 0) as listener, TemporaryDirectory(prefix="chaskiq-media-") as folder:
        chosen: dict[str, object] = {"media_url": f"file://{folder}", "plugins": "telegram", **settings}
        chaskiq = Chaskiq(
            load_settings(
                database_url=database.url,
                secret_key=SECRET_KEY,
                public_url=url_of(listener),
                _env_file=None,
                **chosen,
            ),
            limits=limits,
            plugins=plugins or {},
            store=database.store(),
        )
        async with (
            running_sandbox(sandbox=sandbox) as telegram_url,
            serving(create_app(chaskiq), listener),
            httpx.AsyncClient(base_url=telegram_url, trust_env=False, timeout=30) as people,
        ):
            _, key = await chaskiq.store.house_write(create_tenant, "Acme")
            await chaskiq.store.house_write(add_agent, key, email=ANN, name="Ann", role=RoleName.ADMIN)
            ann = chaskiq.acting(key, as_agent=ANN)
            token = await ann.write(staff.create_token, ANN)
            integration = await _install(chaskiq, ann, telegram_url, BOT, more)
            async with httpx.AsyncClient(
                base_url=f"{url_of(listener)}/api/v1/apps/{key}",
                headers={"authorization": f"Bearer {token}"},
                trust_env=False,
                timeout=30,
            ) as rest:
                yield TelegramDesk(chaskiq, sandbox, people, rest, ann, integration)


async def _install(chaskiq: Chaskiq, ann: AppActing, telegram_url: str, token: str, more: Mapping[str, str]) -> str:
    sealed = chaskiq.seal_settings(
        "telegram", {"access_token": token, "api_base": telegram_url, **more}, hook_token=f"hook-{token[:6]}"
    )
    added = await ann.write(integrations.add, sealed, runs_itself=True)
    app_id = await chaskiq.store.app_id(ann.app_key)
    assert await chaskiq.run_job_lane(app_id, install_lane(added.view.id))
    return added.view.id
