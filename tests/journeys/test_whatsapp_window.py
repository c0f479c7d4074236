"""WhatsApp's 24 hours: known in advance, shown, and kept by everybody who writes."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.conversations.start import ChannelName, add_channel
from chaskiq_core.effects import AddPart
from chaskiq_core.errors import ConflictError
from chaskiq_core.model import Integration
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.views import CanSend, DeliveryView
from chaskiq_core.store.unit import Unit
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import BUSINESS, RUTH, Fields, body, message, value
from tests.harness.databases import Database
from tests.harness.whatsapp_house import WhatsAppHouse, a_whatsapp_house

pytestmark = pytest.mark.anyio

CLOSED = "24 hours have passed since the contact last wrote: only a template may be sent"


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[WhatsAppHouse]:
    async with a_whatsapp_house(database) as made:
        yield made


def written(hours_ago: float, *, wamid: str = "wamid.A1", **fields: object) -> Fields:
    return message(wamid=wamid, timestamp=str(int(time.time() - hours_ago * 3600)), **fields)


async def can_send(shop: WhatsAppHouse) -> CanSend:
    return (await shop.conversation()).channels[0].can_send


def bot_says(unit: Unit, key: str) -> None:
    perform(unit, lock_dialogue(unit, key), [AddPart(content=document_from_text("Hello?"))])


def mirrored(unit: Unit, key: str) -> None:
    """The agents follow the conversation in a thread of the tiny channel."""
    dialogue = lock_dialogue(unit, key)
    tiny = unit.first(unit.select(Integration).where(Integration.provider == "tiny"))
    assert tiny is not None
    name = ChannelName(
        integration_id=IntegrationId(tiny.id), provider="tiny", channel_id="desk", thread_id="1", mirror=True
    )
    add_channel(unit, dialogue, name)


async def last_delivery(shop: WhatsAppHouse) -> DeliveryView:
    return (await shop.parts())[-1].deliveries[0]


async def test_while_it_is_open_until_when_is_shown(shop: WhatsAppHouse) -> None:
    await shop.writes(written(1))

    shown = await can_send(shop)

    assert (shown.free_form, shown.reason, shown.templates) == (True, None, True)
    assert shown.until is not None
    assert abs(shown.until - datetime.now(UTC) - timedelta(hours=23)) < timedelta(minutes=1)


async def test_once_it_is_closed_a_reply_is_refused_with_the_reason(shop: WhatsAppHouse) -> None:
    await shop.writes(written(25))

    shown = await can_send(shop)
    assert (shown.free_form, shown.until, shown.reason) == (False, None, CLOSED)
    with pytest.raises(ConflictError, match=CLOSED):
        await shop.house.reply((await shop.conversation()).key, "Too late")
    note = await shop.house.reply((await shop.conversation()).key, "For us", private_note=True)
    assert note.private_note
    assert [part.text for part in await shop.parts()] == ["hi", "For us"]


async def test_a_mirror_where_agents_follow_is_no_way_to_the_contact(shop: WhatsAppHouse) -> None:
    await shop.writes(written(25))
    key = (await shop.conversation()).key
    await shop.house.system.write(mirrored, key)

    with pytest.raises(ConflictError, match=CLOSED):
        await shop.house.reply(key, "Too late")


async def test_what_a_bot_says_then_fails_before_it_leaves(shop: WhatsAppHouse) -> None:
    await shop.writes(written(25))

    await shop.house.system.write(bot_says, (await shop.conversation()).key)
    await shop.house.quiet()

    delivery = await last_delivery(shop)
    assert delivery.state == "failed"
    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.message) == ("window", CLOSED)


async def test_each_message_and_press_opens_it_again_and_a_late_old_one_does_not_close_it(shop: WhatsAppHouse) -> None:
    await shop.writes(written(25), written(2, wamid="wamid.A2"))
    assert (await can_send(shop)).free_form
    await shop.writes(written(30, wamid="wamid.A3"))
    assert (await can_send(shop)).free_form

    press = message("button", button={"text": "Yes"}, context={"id": "wamid.T"})
    await shop.writes({**press, "id": "wamid.P", "timestamp": str(int(time.time() - 60))})
    shown = await can_send(shop)
    assert shown.until is not None
    assert shown.until - datetime.now(UTC) > timedelta(hours=23, minutes=58)


async def test_an_absurd_time_counts_as_now(shop: WhatsAppHouse) -> None:
    await shop.writes({**message(), "timestamp": "99999999999"})

    shown = await can_send(shop)

    assert shown.until is not None
    assert shown.until - datetime.now(UTC) <= timedelta(hours=24)


async def test_what_the_business_wrote_opens_nothing(shop: WhatsAppHouse) -> None:
    echo = {**written(0, wamid="wamid.E"), "from": BUSINESS, "to": RUTH, "from_user_id": None}
    await shop.comes_in(body(("smb_message_echoes", value(message_echoes=[echo]))))

    shown = await can_send(shop)

    assert (shown.free_form, shown.reason) == (False, "the contact has not written yet: only a template may be sent")


async def test_a_new_conversation_in_the_chat_keeps_the_old_ones_window(shop: WhatsAppHouse) -> None:
    await shop.writes(written(1))
    old = await shop.conversation()
    [person] = await shop.people()

    new = await shop.house.ann.write(
        desk.start, person.id, integration_id=shop.integration, content=document_from_text("About your order")
    )

    assert new.channels[0].can_send.free_form
    shown = await shop.house.ann.read(desk.show, old.key)
    assert shown.channels[0].can_send.free_form


async def test_a_closed_conversation_knows_that_the_chat_went_on_elsewhere(shop: WhatsAppHouse) -> None:
    await shop.writes(written(25))
    old = await shop.conversation()
    [person] = await shop.people()
    with pytest.raises(ConflictError, match=CLOSED):
        await shop.house.ann.write(
            desk.start, person.id, integration_id=shop.integration, content=document_from_text("Hello")
        )
    await shop.house.ann.write(desk.start, person.id, integration_id=shop.integration)
    await shop.writes(written(1, wamid="wamid.A2"))

    shown = await shop.house.ann.read(desk.show, old.key)

    assert shown.channels[0].can_send.free_form
