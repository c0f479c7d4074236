"""python-telegram-bot's own Bot, unchanged, over a real port: results, and each error as its class."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import telegram
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_telegram.sandbox import running_sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with running_sandbox(first_retry_seconds=0.001, longest_retry_seconds=0.004) as url:
        yield url


@pytest.fixture
async def customer(url: str) -> AsyncIterator[CustomerClient]:
    async with httpx.AsyncClient(base_url=url) as http:
        yield CustomerClient(http)


@asynccontextmanager
async def bot_at(url: str, token: str = TOKEN) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        yield bot


async def test_a_bot_works_unchanged(url: str, customer: CustomerClient) -> None:
    await customer.write("hi")
    async with bot_at(url) as bot:
        me = await bot.get_me()
        was_set = await bot.set_webhook(f"{url}/nowhere", secret_token="abc", allowed_updates=["message"])
        info = await bot.get_webhook_info()
        acted = await bot.send_chat_action(MAYA, "typing")
        sent = await bot.send_message(
            MAYA,
            "🎉 <b>Done</b> &amp; well",
            parse_mode=ParseMode.HTML,
            reply_markup=telegram.InlineKeyboardMarkup.from_button(
                telegram.InlineKeyboardButton("Yes", callback_data="y")
            ),
        )
        replied = await bot.send_message(MAYA, "more", reply_to_message_id=sent.message_id)
        was_deleted = await bot.delete_webhook(drop_pending_updates=True)

    assert (me.id, me.is_bot) == (7700112233, True)
    assert was_set
    assert acted
    assert was_deleted
    assert (info.url, info.allowed_updates) == (f"{url}/nowhere", ("message",))
    assert sent.text == "🎉 Done & well"
    assert sent.parse_entities() == {sent.entities[0]: "Done"}
    assert sent.reply_markup
    assert replied.reply_to_message
    assert replied.reply_to_message.text == sent.text


async def test_refusals_are_ptbs_classes(url: str, customer: CustomerClient) -> None:
    await customer.write("hi")
    async with bot_at(url) as bot:
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(1, "x")
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message(MAYA, "x" * 4097)
        with pytest.raises(BadRequest, match="Can't parse entities"):
            await bot.send_message(MAYA, "<p>x</p>", parse_mode=ParseMode.HTML)
        await customer.post(f"/sandbox/bots/{TOKEN}/chats/{MAYA}/block")
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(MAYA, "x")
        await customer.post(f"/sandbox/bots/{TOKEN}/revoke")
        with pytest.raises(InvalidToken):
            await bot.send_message(MAYA, "x")


async def test_faults_are_ptbs_classes(url: str, customer: CustomerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # without it PTB warns at every RetryAfter
    await customer.write("hi")
    async with bot_at(url) as bot:
        await customer.fault(method="sendMessage", kind=429, retry_after=7)
        with pytest.raises(RetryAfter) as limited:
            await bot.send_message(MAYA, "x")
        await customer.fault(method="sendMessage", kind="chat_migrated", migrate_to_chat_id=-1001)
        with pytest.raises(ChatMigrated) as moved:
            await bot.send_message(MAYA, "x")
        await customer.fault(method="sendMessage", kind=502)
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await bot.send_message(MAYA, "x")
        await customer.fault(method="sendMessage", kind="garbage")
        with pytest.raises(telegram.error.TelegramError, match="Invalid server response"):
            await bot.send_message(MAYA, "x")

    assert limited.value.retry_after == timedelta(seconds=7)
    assert moved.value.new_chat_id == -1001
    assert len(await customer.conversation()) == 1


@pytest.mark.parametrize(("accept", "stored"), [(False, 0), (True, 1)])
async def test_a_hang_times_out(url: str, customer: CustomerClient, accept: bool, stored: int) -> None:
    await customer.write("hi")
    async with bot_at(url) as bot:
        await customer.fault(method="sendMessage", kind="hang", accept=accept)

        with pytest.raises(TimedOut):
            await bot.send_message(MAYA, "x", read_timeout=0.1)

    assert len(await customer.conversation()) == 1 + stored


@pytest.mark.parametrize(("kind", "stored"), [("reset_before", 0), ("reset_after", 1)])
async def test_a_reset_is_a_network_error(url: str, customer: CustomerClient, kind: str, stored: int) -> None:
    await customer.write("hi")
    async with bot_at(url) as bot:
        await customer.fault(method="sendMessage", kind=kind)

        with pytest.raises(NetworkError) as failed:
            await bot.send_message(MAYA, "x")
        after = await bot.send_message(MAYA, "y")

    assert type(failed.value) is NetworkError
    assert isinstance(failed.value.__cause__, httpx.ReadError)
    assert [message["text"] for message in await customer.conversation()] == ["hi", *["x"] * stored, "y"]
    assert after.text == "y"
