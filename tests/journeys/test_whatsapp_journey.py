"""WhatsApp all the way: the sandbox posts signed webhooks to the real server, which answers through the Graph API."""

from collections.abc import AsyncIterator, Mapping
from functools import partial

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_html
from chaskiq_core.desk import integrations
from chaskiq_core.effects import AddPart
from chaskiq_core.host.call import Limits
from chaskiq_core.integrations.find import find_stored
from chaskiq_core.plugin import ask_option, hookimpl
from chaskiq_core.plugin.hookspecs import ObserverContext
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_plugins.telegram.tests.sandbox.pictures import png
from chaskiq_whatsapp.sandbox import Fault, FaultKind
from tests.harness.databases import Database
from tests.harness.wait import until
from tests.harness.whatsapp_desk import MAYA, NUMBER_ID, WhatsAppDesk, a_whatsapp_desk

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

PHOTO = png(320, 200)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"


def within(message: Mapping[str, object], name: str) -> Mapping[str, object]:
    """An object in a message."""
    found = message[name]
    assert isinstance(found, dict)
    return found


class Asks:
    """Asks with buttons when somebody writes `help`, and with a list for `all`."""

    @hookimpl
    async def part_added(
        self, part: PartView, conversation: ConversationView, context: ObserverContext
    ) -> list[AddPart]:
        if part.author.type != "app_user" or part.text not in ("help", "all"):
            return []
        options = {f"o{n}": f"Choice {n}" for n in range(3 if part.text == "help" else 8)}
        return [AddPart(block=ask_option("What is it about?", options))]


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[WhatsAppDesk]:
    async with a_whatsapp_desk(database, limits=Limits(send_seconds=2), plugins={"asks": Asks()}) as made:
        yield made


async def test_a_customer_and_an_agent_talk_with_files_looks_and_states(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("The lid is cracked 📦")
    await shop.customer_sends("image", PHOTO, "image/png", caption="see")
    await shop.conversation_with("see")
    await shop.quiet()
    photo = (await shop.parts(conversation.key))[-1].attachments[0]
    served = await shop.rest.get(str(photo["url"]))
    assert (photo["state"], served.content) == ("ready", PHOTO)

    long = "<p><b>Sorry!</b></p>" + "".join(f"<p>Line <i>{n}</i> of a long answer.</p>" for n in range(300))
    await shop.reply(conversation.key, document_from_html(long))
    picture, paper = await shop.upload("new.png", PHOTO), await shop.upload("bill.pdf", PDF)
    first = (await shop.parts(conversation.key))[0]
    await shop.reply(conversation.key, "A new one", attachments=(picture, paper), reply_to=first.key)
    await shop.quiet()

    seen = await shop.customer_sees()
    texts = [one for one in seen if one["type"] == "text"]
    assert len(texts) == 3
    assert str(within(texts[0], "text")["body"]).startswith("*Sorry!*\n\nLine _0_ of a long answer.")
    assert [one["type"] for one in seen if one["type"] != "text"] == ["image", "document"]
    assert within(seen[-2], "image")["caption"] == "A new one"
    assert seen[-2]["context"] == {"id": first.sources[0].external_id}
    assert within(seen[-1], "document")["filename"] == "bill.pdf"

    await shop.delivery(conversation.key, state="delivered")
    await shop.maya("read")
    await shop.delivery(conversation.key, state="read")


@pytest.mark.parametrize(("word", "kind"), [("help", "button"), ("all", "list")])
async def test_a_press_answers_the_question(shop: WhatsAppDesk, word: str, kind: str) -> None:
    conversation = await shop.customer_writes(word)

    async def asked() -> bool:
        return bool(await shop.customer_sees())

    await until(asked)
    [question] = await shop.customer_sees()
    assert within(question, "interactive")["type"] == kind
    await shop.maya("press", message_id=question["id"], option="Choice 2")
    await shop.conversation_with("Choice 2")

    _, block, answer = await shop.parts(conversation.key)
    assert block.block is not None
    assert (block.block["state"], block.block["values"]) == ("replied", {"id": "o2", "label": "Choice 2"})
    assert (answer.text, answer.reply_to) == ("Choice 2", block.key)


async def test_somebody_without_a_phone_is_answered(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello", wa_id="491700000001", name="Ida", hides_phone=True)

    await shop.reply(conversation.key, "Hello Ida")
    await shop.delivery(conversation.key, state="delivered")

    [seen] = await shop.customer_sees("491700000001")
    assert seen["text"] == {"body": "Hello Ida", "preview_url": False}
    assert conversation.channels[0].provider_channel_id.startswith("DE.")


async def test_a_customer_who_takes_another_number_stays_in_their_conversation(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello")
    await shop.maya("number", wa_id="491719999999")

    async def moved() -> bool:
        [shown] = (await shop.ann.read(desk.inbox)).items
        return shown.channels[0].provider_channel_id == "491719999999"

    await until(moved)
    await shop.act("/messages", {"from": {"wa_id": "491719999999"}, "text": "It is me"})

    again = await shop.conversation_with("It is me")

    assert again.key == conversation.key
    assert again.channels[0].provider_channel_id == "491719999999"


async def test_what_is_written_on_the_business_s_phone_is_shown(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello")
    await shop.maya("echo", text="On my way")

    await shop.conversation_with("On my way")

    part = (await shop.parts(conversation.key))[-1]
    assert (part.author.type, part.deliveries) == ("agent", ())


async def test_a_reaction_comes_and_goes(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello")
    await shop.reply(conversation.key, "Hi")
    await shop.delivery(conversation.key, state="delivered")
    [seen] = await shop.customer_sees()

    async def shows(wanted: list[str]) -> bool:
        return [one["emoji"] for one in (await shop.parts(conversation.key))[-1].reactions] == wanted

    for emoji, shown in (("🔥", ["🔥"]), ("👍", ["👍"]), ("", [])):
        await shop.maya("react", message_id=seen["id"], emoji=emoji)
        await until(partial(shows, shown))


async def test_statuses_in_any_order_in_batches_and_twice_end_where_they_should(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello")
    for kind in (FaultKind.DUPLICATE, FaultKind.HOLD, FaultKind.LOST_ANSWER):
        shop.sandbox.faults.add(Fault(kind=kind, method="webhook"))
    (await shop.people.post("/sandbox/batch", json={"size": 3})).raise_for_status()

    await shop.reply(conversation.key, "One")
    await shop.reply(conversation.key, "Two")
    await shop.quiet()
    await shop.maya("read")
    shop.sandbox.clear_faults()

    await shop.delivery(conversation.key, state="read")
    parts = await shop.parts(conversation.key)
    assert [(part.text, [one.state for one in part.deliveries]) for part in parts[1:]] == [
        ("One", ["read"]),
        ("Two", ["read"]),
    ]


async def test_who_sends_too_fast_waits_and_loses_nothing(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Tell me everything")
    shop.sandbox.faults.add(Fault(kind=FaultKind.TOO_MANY_REQUESTS, method="messages", retry_after=1, skip=2))
    shop.sandbox.faults.add(Fault(kind="refuse", code=131056, method="messages", skip=4))
    texts = [f"Line {number}" for number in range(8)]

    for text in texts:
        await shop.reply(conversation.key, text)
    await shop.quiet()

    assert [within(one, "text")["body"] for one in await shop.customer_sees()] == texts


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.GARBAGE, FaultKind.HANG, FaultKind.BAD_GATEWAY])
async def test_what_whatsapp_took_and_never_confirmed_is_settled_by_its_status(
    shop: WhatsAppDesk, kind: FaultKind
) -> None:
    conversation = await shop.customer_writes("Hello?")
    shop.sandbox.faults.add(Fault(kind=kind, method="messages", accept=True))

    await shop.reply(conversation.key, "Perhaps")
    delivery = await shop.delivery(conversation.key, state="delivered")

    [seen] = await shop.customer_sees()
    assert delivery.external_ids == (seen["id"],)


async def test_a_refused_token_breaks_the_integration(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello?")
    (await shop.people.post("/sandbox/tokens/revoke")).raise_for_status()

    await shop.reply(conversation.key, "Never arrives")
    delivery = await shop.delivery(conversation.key, state="failed")

    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.code) == ("reauth", "190")
    [integration] = await shop.ann.read(integrations.integrations)
    assert integration.state == "broken"


async def test_somebody_who_can_t_be_reached_fails_the_delivery_later(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Leave me alone")
    await shop.maya("block")

    await shop.reply(conversation.key, "One more thing")
    delivery = await shop.delivery(conversation.key, state="failed")

    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.code) == ("recipient", "131026")


async def test_the_customer_sees_that_somebody_reads_and_writes(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello?")
    await shop.ann.write(desk.typing, conversation.key)

    async def chat() -> dict[str, object]:
        answer = await shop.people.get(f"/sandbox/numbers/{NUMBER_ID}/people/{MAYA}/messages")
        told: dict[str, object] = answer.json()
        return told

    async def typing() -> bool:
        return bool((await chat())["typing"])

    await until(typing)
    await shop.reply(conversation.key, "Hello")
    await shop.quiet()
    messages = (await chat())["messages"]
    assert isinstance(messages, list)
    assert messages[0]["status"] == "read"


async def test_a_second_spelling_of_a_number_is_the_same_person(shop: WhatsAppDesk) -> None:
    """Meta answers a Brazilian number without its ninth digit with the wa_id that has it."""
    conversation = await shop.customer_writes("Olá", wa_id="5511987654321", name="Léo")
    await shop.act("/people", {"wa_id": "5511987654321", "typed": "551187654321"})

    await shop.reply(conversation.key, "Oi")
    await shop.delivery(conversation.key, state="delivered")

    assert (await shop.customer_sees("5511987654321"))[0]["text"] == {"body": "Oi", "preview_url": False}


async def test_health_tells_that_all_is_well(shop: WhatsAppDesk) -> None:
    acting = shop.chaskiq.store.acting(await shop.chaskiq.store.app_id(shop.ann.app_key))
    stored = await acting.read(find_stored, shop.integration)
    channel, integration = await shop.chaskiq.integrations.by_id(stored.app_id, stored.id)

    lines = await shop.chaskiq.host.health(channel, integration, shop.chaskiq.hook_url(integration.hook_token))

    assert [line.name for line in lines] == ["token", "quality", "number", "subscription", "webhook", "public URL"]
    assert all(line.ok for line in lines)
