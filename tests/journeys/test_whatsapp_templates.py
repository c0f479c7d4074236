"""Templates over REST: listed, filled, sent when nothing else may be, and refused with what is missing."""

from collections.abc import AsyncIterator, Mapping

import pytest

from chaskiq_plugins.telegram.tests.sandbox.pictures import png
from chaskiq_whatsapp.sandbox import Fault
from tests.harness.databases import Database
from tests.harness.whatsapp_desk import WhatsAppDesk, a_whatsapp_desk

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

ORDER: Mapping[str, object] = {
    "name": "order_ready",
    "language": "de",
    "parameters": ["Maya", "4711"],
    "buttons": {"1": "4711"},
}
TEXT = "Hallo Maya, Ihre Bestellung 4711 ist fertig.\n\n[Danke]\n[Ansehen]"


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[WhatsAppDesk]:
    async with a_whatsapp_desk(database) as made:
        yield made


async def a_closed_window(shop: WhatsAppDesk) -> str:
    """A conversation whose contact last wrote 25 hours ago: its key."""
    now = shop.sandbox.now
    shop.sandbox.now = lambda: now() - 25 * 3600
    conversation = await shop.customer_writes("Hello")
    shop.sandbox.now = now
    return conversation.key


async def test_templates_are_listed_with_what_can_t_be_sent(shop: WhatsAppDesk) -> None:
    answer = await shop.rest.get(f"/integrations/{shop.integration}/templates")

    listed = {one["name"]: one for one in answer.json()["items"]}
    assert answer.status_code == 200
    assert listed["order_ready"]["body"] == "Hallo {{1}}, Ihre Bestellung {{2}} ist fertig."
    assert [one["kind"] for one in listed["order_ready"]["buttons"]] == ["quick_reply", "url"]
    assert (listed["photo_offer"]["header_media"], listed["photo_offer"]["named"]) == ("image", True)
    assert (listed["hello_world"]["problem"], listed["old_news"]["problem"]) == (None, "WhatsApp says it is paused")


async def test_outside_the_window_a_text_is_refused_and_a_template_goes(shop: WhatsAppDesk) -> None:
    key = await a_closed_window(shop)
    shown = (await shop.rest.get(f"/conversations/{key}")).json()["channels"][0]["can_send"]
    assert (shown["free_form"], shown["templates"]) == (False, True)

    refused = await shop.rest.post(f"/conversations/{key}/parts", json={"text": "Too late"})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == shown["reason"]

    sent = await shop.rest.post(f"/conversations/{key}/parts", json={"template": ORDER, "client_id": "c1"})
    assert (sent.status_code, sent.json()["text"]) == (201, TEXT)
    again = await shop.rest.post(f"/conversations/{key}/parts", json={"template": ORDER, "client_id": "c1"})
    assert (again.status_code, again.json()["key"]) == (200, sent.json()["key"])
    await shop.delivery(key, state="delivered")
    [seen] = await shop.customer_sees()
    assert seen["type"] == "template"
    told = seen["seen"]
    assert isinstance(told, dict)
    assert told["body"] == "Hallo Maya, Ihre Bestellung 4711 ist fertig."
    assert told["buttons"][1]["url"] == "https://shop.example/orders/4711"


async def test_a_template_s_button_opens_the_window(shop: WhatsAppDesk) -> None:
    key = await a_closed_window(shop)
    (await shop.rest.post(f"/conversations/{key}/parts", json={"template": ORDER})).raise_for_status()
    await shop.delivery(key, state="delivered")

    [seen] = await shop.customer_sees()
    await shop.maya("press", message_id=seen["id"], option="Danke")
    await shop.conversation_with("Danke")

    template, press = (await shop.parts(key))[-2:]
    assert press.reply_to == template.key
    assert (await shop.rest.post(f"/conversations/{key}/parts", json={"text": "Gern"})).status_code == 201
    await shop.delivery(key, state="delivered")


async def test_a_template_with_named_places_and_a_picture(shop: WhatsAppDesk) -> None:
    key = await a_closed_window(shop)
    wanted = {
        "name": "photo_offer",
        "language": "en",
        "parameters": {"day": "Friday", "customer": "Maya"},
        "header": await shop.upload("offer.png", png(40, 30)),
    }

    sent = await shop.rest.post(f"/conversations/{key}/parts", json={"template": wanted})

    assert sent.json()["text"] == "Dear Maya, look at this until Friday."
    assert sent.json()["attachments"][0]["type"] == "image"
    await shop.delivery(key, state="delivered")
    [seen] = await shop.customer_sees()
    told = seen["seen"]
    assert isinstance(told, dict)
    assert told["body"] == "Dear Maya, look at this until Friday."
    assert told["header"]["image"]["id"]


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"name": "nothing"}, 404, "there is no template"),
        ({"language": "en"}, 404, "there is no template"),
        ({"parameters": ["Maya"]}, 422, "parameters: the template has 2 places, 1 were given"),
        ({"parameters": ["Maya", " "]}, 422, "parameters: 2 is blank"),
        ({"parameters": {"1": "Maya", "x": "4"}}, 422, "parameters: the places are 1, 2; see 2"),
        ({"header_parameters": ["x"]}, 422, "header_parameters: the template has 0 places"),
        ({"header": "x"}, 422, "template.header: no file may stand above"),
        ({"buttons": {}}, 422, "buttons: button 1, Ansehen, needs a value"),
        ({"buttons": {"1": "4", "7": "x"}}, 422, "buttons: the template has no button 7"),
        ({"name": "old_news", "language": "en", "parameters": [], "buttons": {}}, 422, "WhatsApp says it is paused"),
        ({"name": "photo_offer", "language": "en", "buttons": {}}, 422, "template.header: a file (image) must"),
        ({"integration_id": "another"}, 422, "no channel of this conversation has templates"),
        ({"colour": "red"}, 422, ""),
    ],
)
async def test_what_is_missing_is_said(
    shop: WhatsAppDesk, changed: Mapping[str, object], status: int, sentence: str
) -> None:
    conversation = await shop.customer_writes("Hello")

    answer = await shop.rest.post(f"/conversations/{conversation.key}/parts", json={"template": {**ORDER, **changed}})

    assert (answer.status_code, sentence in answer.json()["detail"]) == (status, True), answer.text
    assert len(await shop.parts(conversation.key)) == 1


@pytest.mark.parametrize("beside", [{"text": "x"}, {"private_note": True}, {"attachments": ["x"]}])
async def test_a_template_stands_alone(shop: WhatsAppDesk, beside: Mapping[str, object]) -> None:
    conversation = await shop.customer_writes("Hello")

    answer = await shop.rest.post(f"/conversations/{conversation.key}/parts", json={"template": ORDER, **beside})

    assert answer.status_code == 422


async def test_a_conversation_may_begin_with_a_template(shop: WhatsAppDesk) -> None:
    key = await a_closed_window(shop)
    person = (await shop.rest.get(f"/conversations/{key}")).json()["main_participant"]["id"]
    new = {"app_user_id": person, "integration_id": shop.integration}

    refused = await shop.rest.post("/conversations", json={**new, "text": "Hello"})
    started = await shop.rest.post("/conversations", json={**new, "template": ORDER})

    assert (refused.status_code, started.status_code) == (409, 201)
    await shop.delivery(started.json()["key"], state="delivered")


async def test_what_whatsapp_says_later_of_a_closed_window_fails_the_delivery(shop: WhatsAppDesk) -> None:
    conversation = await shop.customer_writes("Hello")
    await shop.maya("window", hours=25)

    await shop.reply(conversation.key, "Just in time?")
    delivery = await shop.delivery(conversation.key, state="failed")

    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.code) == ("window", "131047")


async def test_templates_that_can_t_be_had_are_no_reason_to_break(shop: WhatsAppDesk) -> None:
    shop.sandbox.faults.add(Fault(kind="refuse", code=131016, method="templates", times=None))

    answer = await shop.rest.get(f"/integrations/{shop.integration}/templates")

    assert answer.status_code == 409
    assert "WhatsApp does not tell its templates" in answer.json()["detail"]
