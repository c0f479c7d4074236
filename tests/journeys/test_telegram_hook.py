"""Telegram's updates at the real hook URL: repeated, raced, reordered, cut and garbled."""

import copy
import json
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import anyio
import pytest

from chaskiq_core import desk
from chaskiq_core.desk import dead_letters
from chaskiq_core.plugin import PartView
from chaskiq_plugins.telegram.tests.telegram_updates import message, update
from tests.harness.databases import Database
from tests.harness.telegram_desk import BOT, TelegramDesk, a_telegram_desk

pytestmark = pytest.mark.anyio

PHOTO = [{"file_id": "small", "width": 9, "height": 9}, {"file_id": "large", "width": 90, "height": 90}]
DOCUMENT = {"file_id": "gif", "file_name": "x.gif"}
PLACE = {"latitude": 52.5, "longitude": 13.4}
REACTION = [{"type": "emoji", "emoji": "👍"}]
CONTENTS: list[dict[str, object]] = [
    {"text": "plain"},
    {"text": "👩‍👩‍👧 bold", "entities": [{"type": "bold", "offset": 9, "length": 4}]},
    {"photo": PHOTO, "caption": "a photo"},
    {"animation": DOCUMENT, "document": DOCUMENT},
    {"voice": {"file_id": "voice", "duration": 3}},
    {"sticker": {"file_id": "sticker", "is_animated": True, "emoji": "😀"}},
    {"location": PLACE},
    {"venue": {"location": PLACE, "title": "Here", "address": "Street 1"}, "location": PLACE},
    {"contact": {"phone_number": "+49 30 1", "first_name": "Ruth"}},
    {"dice": {"emoji": "🎲", "value": 4}},
    {"something_new": {"of": "tomorrow"}},
]


def updates() -> list[dict[str, object]]:
    """A chat's story: messages of all kinds, an edit, a reaction."""
    told: list[dict[str, object]] = []
    for n, content in enumerate(CONTENTS, 1):
        told.append(update("message", message(message_id=n, **content)))
    edited = message(message_id=1, text="edited", edit_date=1_790_000_100)
    told.append(update("edited_message", edited))
    reacted = {"message_id": 2, "old_reaction": [], "new_reaction": REACTION, "user": edited["from"]}
    told.append(update("message_reaction", {"chat": edited["chat"], "date": 1_790_000_200, **reacted}))
    return told


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[TelegramDesk]:
    async with a_telegram_desk(database) as made:
        yield made


async def post(bot: TelegramDesk, body: bytes) -> int:
    """The status of the answer to a webhook."""
    token = f"hook-{BOT[:6]}"
    _, integration = await bot.chaskiq.integrations.by_token(token)
    secret = str(integration.settings.model_dump()["secret_token"])
    answer = await bot.rest.post(
        f"{bot.chaskiq.settings.public_url}/api/v1/hooks/receiver/{token}",
        content=body,
        headers={"x-telegram-bot-api-secret-token": secret},
    )
    return answer.status_code


async def post_all(bot: TelegramDesk, bodies: Sequence[object]) -> set[int]:
    return {await post(bot, json.dumps(body).encode()) for body in bodies}


async def story(bot: TelegramDesk) -> list[tuple[str, list[PartView], int]]:
    await bot.quiet()
    return [
        (conversation.key, await bot.parts(conversation.key), conversation.version)
        for conversation in (await bot.ann.read(desk.inbox)).items
    ]


async def test_posting_all_again_and_from_eight_clients_changes_nothing(bot: TelegramDesk) -> None:
    bodies = updates()
    assert await post_all(bot, bodies) == {200}
    before = await story(bot)
    [(_, parts, _)] = before
    assert len(parts) == len(CONTENTS)
    assert (parts[0].text, parts[1].reactions[0]["emoji"]) == ("edited", "👍")

    assert await post_all(bot, bodies) == {200}
    async with anyio.create_task_group() as tasks:
        for seed in range(8):
            shuffled = random.Random(seed).sample(bodies, len(bodies))
            tasks.start_soon(post_all, bot, shuffled)

    assert without_addresses(await story(bot)) == without_addresses(before)


async def test_eight_clients_at_once_make_each_message_one_part(bot: TelegramDesk) -> None:
    bodies = updates()[: len(CONTENTS)]

    async with anyio.create_task_group() as tasks:
        for seed in range(8):
            tasks.start_soon(post_all, bot, random.Random(seed).sample(bodies, len(bodies)))

    [(_, parts, _)] = await story(bot)
    assert sorted(part.sources[0].external_id for part in parts) == sorted(str(n + 1) for n in range(len(CONTENTS)))


async def test_garbled_updates_park_nothing_and_break_nothing(bot: TelegramDesk) -> None:
    chance = random.Random(7)
    bodies = [json.dumps(garbled(chance, one)).encode() for one in updates() * 4]
    bodies += [body[: chance.randrange(len(body))] for body in bodies[:20]]

    statuses = {await post(bot, body) for body in bodies}
    await bot.quiet()

    assert statuses <= {200, 400}
    assert list((await bot.ann.read(dead_letters.inbound)).items) == []
    assert (await bot.customer_writes("still here")).state == "opened"


def garbled(chance: random.Random, body: dict[str, object]) -> object:
    """The update with some of its values taken away or made another type."""
    changed = copy.deepcopy(body)
    for _ in range(chance.randint(1, 4)):
        holder: object = changed
        while isinstance(holder, dict) and holder:
            name = chance.choice(sorted(holder))
            if not isinstance(holder[name], dict) or chance.random() < 0.4:
                holder[name] = chance.choice([None, "", "x", -1, 1 << 60, [], {}, [{}], True, 1.5])
                break
            holder = holder[name]
    changed["update_id"] = chance.randrange(1 << 30)
    return changed


def without_addresses(told: list[tuple[str, list[PartView], int]]) -> object:
    """The story, comparable: addresses of files hold the time."""
    return [
        (key, [replace(part, attachments=tuple({**one, "url": None} for one in part.attachments)) for part in parts], n)
        for key, parts, n in told
    ]
