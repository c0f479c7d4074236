"""The two dead-letter lists from the command line, by the id alone, on both databases."""

from collections.abc import Awaitable, Callable

import anyio

from chaskiq_core.errors import ContentError, UnknownOutcomeError
from tests.harness.command_line import chaskiq
from tests.harness.databases import Database
from tests.harness.house import House, a_house, a_message


def in_a_house(database: Database, does: Callable[[House], Awaitable[None]]) -> House:
    """A house with its worker, open while something is done in it."""

    async def open_and_do() -> House:
        async with a_house(database) as house:
            await does(house)
            await house.quiet()
            return house

    return anyio.run(open_and_do)


async def nothing(house: House) -> None:
    """Only let its worker work."""


async def receive_a_poisoned_message(house: House) -> None:
    await house.post(a_message(1, "boom", poison=True))


async def fail_to_reply(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(ContentError("too long for us", code="400"))
    await house.reply(conversation.key, "On its way.")


def test_a_failed_element_is_listed_and_replayed(on_each: Database) -> None:
    app = in_a_house(on_each, receive_a_poisoned_message).app_key

    [failed] = chaskiq("inbound", "failed").listed
    replayed = chaskiq("inbound", "replay", str(failed["id"])).document
    after = chaskiq("inbound", "failed").listed
    in_a_house(on_each, nothing)
    [again] = chaskiq("inbound", "failed", "--app", app).listed

    assert (failed["app"], failed["state"]) == (app, "failed")
    assert "poison" in str(failed["error"])
    assert replayed == {"id": failed["id"], "state": "pending"}
    assert after == []
    assert again["id"] == failed["id"]


async def lose_a_reply(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(UnknownOutcomeError("reset"))
    await house.reply(conversation.key, "On its way.")


def test_an_unknown_delivery_is_listed_and_confirmed(on_each: Database) -> None:
    in_a_house(on_each, lose_a_reply)

    failed = chaskiq("deliveries", "failed").listed
    [unknown] = chaskiq("deliveries", "unknown").listed
    confirmed = chaskiq("deliveries", "confirm", str(unknown["id"])).document

    assert failed == []
    assert (unknown["state"], confirmed["state"]) == ("unknown", "sent")
    assert chaskiq("deliveries", "unknown").listed == []


def test_a_failed_delivery_is_listed_and_sent_again(on_each: Database) -> None:
    app = in_a_house(on_each, fail_to_reply).app_key

    [failed] = chaskiq("deliveries", "failed").listed
    retried = chaskiq("deliveries", "retry", str(failed["id"])).document
    house = in_a_house(on_each, nothing)

    assert (failed["app"], failed["state"], failed["provider"]) == (app, "failed", "tiny")
    assert failed["error"] == {"class": "content", "code": "400", "message": "too long for us", "retryable": False}
    assert (retried["id"], retried["state"]) == (failed["id"], "queued")
    assert [piece.text for piece in house.tiny.outbox.sent] == ["On its way."]
    assert chaskiq("deliveries", "failed").listed == []


def test_what_was_sent_can_t_be_sent_again(on_each: Database) -> None:
    in_a_house(on_each, fail_to_reply)
    [failed] = chaskiq("deliveries", "failed").listed
    chaskiq("deliveries", "retry", str(failed["id"]))
    in_a_house(on_each, nothing)

    ended = chaskiq("deliveries", "retry", str(failed["id"]))

    assert ended.code == 1
    assert ended.sentence == "the delivery is sent; only failed, unknown or cancelled ones can be sent again"


def test_lists_are_of_all_apps_and_cut_with_a_word(on_each: Database) -> None:
    in_a_house(on_each, fail_to_reply)
    other = str(chaskiq("apps", "create", "--name", "Other").document["key"])

    cut = chaskiq("deliveries", "failed", "--limit", "1")

    assert len(cut.listed) == 1
    assert chaskiq("deliveries", "failed", "--app", other).listed == []
