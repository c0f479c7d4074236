"""Telegram all the way: the sandbox posts webhooks to the real server, which answers through the Bot API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from chaskiq_core import Chaskiq, desk, load_settings
from chaskiq_core.content import document_from_text
from chaskiq_core.desk import integrations
from chaskiq_core.host.call import Limits
from chaskiq_core.hub import AppActing
from chaskiq_core.integrations.add import install_lane
from chaskiq_core.model import RoleName
from chaskiq_core.plugin.views import ConversationView, DeliveryView, PartView
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app as create_tenant
from chaskiq_server.app import create_app
from chaskiq_server.serving import bind, serving, url_of
from chaskiq_telegram.sandbox import Fault, FaultKind, TelegramSandbox, running_sandbox
from tests.harness.databases import Database
from tests.harness.house import ANN, SECRET_KEY, count_open
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

BOT = "123456:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
MAYA = {"id": 1001, "first_name": "Maya"}
SEND = "sendMessage"


@dataclass(slots=True)
class Desk:
    """A server with its bot installed at a sandbox."""

    chaskiq: Chaskiq
    sandbox: TelegramSandbox
    telegram: httpx.AsyncClient
    ann: AppActing
    integration: str

    async def customer_writes(self, text: str) -> ConversationView:
        """Maya writes; the conversation it came to."""
        answer = await self.telegram.post(f"/sandbox/bots/{BOT}/messages", json={"from": MAYA, "text": text})
        answer.raise_for_status()
        found: list[ConversationView] = []

        async def arrived() -> bool:
            page = await self.ann.read(desk.inbox)
            found[:] = page.items
            return bool(found) and any(part.text == text for part in await self.parts(found[0].key))

        await until(arrived)
        return found[0]

    async def customer_sees(self) -> list[tuple[str, str]]:
        """Id and text of what the bot wrote to Maya."""
        answer = await self.telegram.get(f"/sandbox/bots/{BOT}/chats/1001/messages")
        shown = [one for one in answer.json()["messages"] if one["direction"] == "bot"]
        return [(str(one["message_id"]), one["text"]) for one in shown]

    async def reply(self, key: str, text: str) -> None:
        await self.ann.write(desk.reply, key, content=document_from_text(text))

    async def parts(self, key: str) -> list[PartView]:
        return list((await self.ann.read(desk.parts, key, limit=100)).items)

    async def delivery(self, key: str) -> DeliveryView:
        """The newest part's, once nothing is left to do."""
        await self.quiet()
        return (await self.parts(key))[-1].deliveries[0]

    async def quiet(self) -> None:
        acting = self.chaskiq.acting(self.ann.app_key, as_system="tests")

        async def nothing_left() -> bool:
            return await acting.read(count_open) == 0

        await until(nothing_left, seconds=60)


@asynccontextmanager
async def a_desk(database: Database, *, limits: Limits | None = None) -> AsyncIterator[Desk]:
    """A server and a sandbox that know each other by real HTTP."""
    sandbox = TelegramSandbox(first_retry_seconds=0.05, longest_retry_seconds=0.2)
    with bind("127.0.0.1", 0) as listener:
        settings = load_settings(
            database_url=database.url,
            secret_key=SECRET_KEY,
            plugins="telegram",
            public_url=url_of(listener),
            _env_file=None,
        )
        chaskiq = Chaskiq(settings, limits=limits, store=database.store())
        async with (
            running_sandbox(sandbox=sandbox) as telegram_url,
            serving(create_app(chaskiq), listener),
            httpx.AsyncClient(base_url=telegram_url, trust_env=False, timeout=30) as telegram,
        ):
            app_id, key = await chaskiq.store.house_write(create_tenant, "Acme")
            await chaskiq.store.house_write(add_agent, key, email=ANN, name="Ann", role=RoleName.ADMIN)
            ann = chaskiq.acting(key, as_agent=ANN)
            sealed = chaskiq.seal_settings(
                "telegram", {"access_token": BOT, "api_base": telegram_url}, hook_token="telegram-hook"
            )
            added = await ann.write(integrations.add, sealed, runs_itself=True)
            assert await chaskiq.run_job_lane(app_id, install_lane(added.view.id))
            yield Desk(chaskiq, sandbox, telegram, ann, added.view.id)


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[Desk]:
    async with a_desk(database, limits=Limits(send_seconds=2)) as made:
        yield made


async def test_a_text_comes_in_and_the_answer_goes_out(bot: Desk) -> None:
    conversation = await bot.customer_writes("Where is my order?")
    await bot.reply(conversation.key, "On its way <to you> & yours")
    delivery = await bot.delivery(conversation.key)

    assert conversation.main_participant.name == "Maya"
    assert conversation.channels[0].provider_channel_id == "1001"
    [(message_id, text)] = await bot.customer_sees()
    assert text == "On its way <to you> & yours"
    assert (delivery.state, delivery.external_ids) == ("sent", (message_id,))
    [integration] = await bot.ann.read(integrations.integrations)
    assert (integration.state, integration.settings["access_token"]) == ("active", "••••••")


async def test_thirty_replies_leave_in_order_once_with_their_ids_whatever_telegram_does(bot: Desk) -> None:
    conversation = await bot.customer_writes("Tell me everything")
    bot.sandbox.faults.add(Fault(kind=FaultKind.TOO_MANY_REQUESTS, method=SEND, retry_after=1, skip=3))
    bot.sandbox.faults.add(Fault(kind=FaultKind.SERVER_ERROR, method=SEND, skip=10))
    texts = [f"Line {number}" for number in range(30)]

    for text in texts:
        await bot.reply(conversation.key, text)
    await bot.quiet()

    seen = await bot.customer_sees()
    assert [text for _, text in seen] == texts
    deliveries = [part.deliveries[0] for part in (await bot.parts(conversation.key))[1:]]
    assert [delivery.external_ids for delivery in deliveries] == [(message_id,) for message_id, _ in seen]
    assert {delivery.state for delivery in deliveries} == {"sent"}


async def test_a_customer_who_blocked_the_bot_fails_the_delivery_with_that_reason(bot: Desk) -> None:
    conversation = await bot.customer_writes("Leave me alone")
    (await bot.telegram.post(f"/sandbox/bots/{BOT}/chats/1001/block")).raise_for_status()

    await bot.reply(conversation.key, "One more thing")

    await bot.quiet()
    [delivery] = [part.deliveries[0] for part in await bot.parts(conversation.key) if part.text == "One more thing"]
    assert delivery.state == "failed"
    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.code) == ("recipient", "403")
    assert "blocked by the user" in delivery.error.message


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.GARBAGE, FaultKind.HANG])
async def test_what_telegram_took_and_never_confirmed_is_unknown_and_not_sent_twice(bot: Desk, kind: FaultKind) -> None:
    conversation = await bot.customer_writes("Hello?")
    bot.sandbox.faults.add(Fault(kind=kind, method=SEND, accept=True))

    await bot.reply(conversation.key, "Perhaps")
    await bot.reply(conversation.key, "Surely")
    await bot.quiet()

    perhaps, surely = (part.deliveries[0] for part in (await bot.parts(conversation.key))[-2:])
    assert (perhaps.state, surely.state) == ("unknown", "sent")
    assert perhaps.error is not None
    assert perhaps.error.class_ == "ambiguous"
    assert [text for _, text in await bot.customer_sees()] == ["Perhaps", "Surely"]


async def test_a_connection_that_was_reset_before_telegram_took_it_is_not_sent_blindly_again(bot: Desk) -> None:
    conversation = await bot.customer_writes("Hello?")
    bot.sandbox.faults.add(Fault(kind=FaultKind.RESET_BEFORE, method=SEND))

    await bot.reply(conversation.key, "Perhaps")
    delivery = await bot.delivery(conversation.key)

    assert delivery.state == "unknown"
    assert await bot.customer_sees() == []


async def test_a_revoked_token_breaks_the_integration_with_telegram_s_sentence(bot: Desk) -> None:
    conversation = await bot.customer_writes("Hello?")
    (await bot.telegram.post(f"/sandbox/bots/{BOT}/revoke")).raise_for_status()

    await bot.reply(conversation.key, "Never arrives")
    delivery = await bot.delivery(conversation.key)

    assert delivery.error is not None
    assert (delivery.state, delivery.error.class_, delivery.error.code) == ("failed", "reauth", "401")
    [integration] = await bot.ann.read(integrations.integrations)
    assert (integration.state, integration.state_reason) == ("broken", "Unauthorized")


async def test_a_text_over_telegram_s_limit_leaves_in_pieces(bot: Desk) -> None:
    conversation = await bot.customer_writes("Tell me everything")
    text = "\n".join(f"This is sentence number {number} of a long story." for number in range(200))

    await bot.reply(conversation.key, text)
    delivery = await bot.delivery(conversation.key)

    seen = await bot.customer_sees()
    assert "\n".join(piece for _, piece in seen) == text
    assert len(seen) == 3
    assert delivery.external_ids == tuple(message_id for message_id, _ in seen)
