"""Invariant 4: a delivery ends as sent, failed with a reason, or unknown; never silently sent again, never dropped."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from chaskiq_core.errors import (
    ContentError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
    WindowError,
)
from chaskiq_core.host.call import Limits
from chaskiq_core.model import Delivery, DeliveryPiece, LaneKind
from chaskiq_core.store.unit import HouseUnit, Unit
from tests.harness.databases import Database
from tests.harness.house import a_house, let_time_pass
from tests.harness.line_process import a_line_process
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

ENDS = {"sent", "failed", "unknown"}


async def test_a_house_killed_while_it_sends_leaves_unknown_and_goes_on(database: Database, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    texts = [f"Reply {number}" for number in range(5)]
    async with a_house(database) as house:
        conversation = (await house.customer_writes("Hello?")).key
    async with a_house(database, workers=False) as house:
        for text in texts:
            await house.reply(conversation, text)
    async with a_line_process("tests.harness.house_process", database.url, str(sent), "--hang-after", "3") as killed:
        await killed.says("sending Reply 2")
        await killed.kill()

    async with a_house(database, workers=False) as house:
        await house.system.write(let_time_pass)
    async with a_house(database, limits=Limits(send_seconds=1)) as house:
        await house.quiet(seconds=60)
        parts = (await house.parts(conversation))[-5:]
        rest = [piece.text for piece in house.tiny.outbox.sent]

    assert sent.read_text().splitlines() == texts[:3]
    assert rest == texts[3:]
    assert [part.deliveries[0].state for part in parts] == ["sent", "sent", "unknown", "sent", "sent"]
    error = parts[2].deliveries[0].error
    assert error is not None
    assert error.class_ == "ambiguous"


async def test_a_text_in_pieces_goes_on_behind_the_last_receipt_after_a_kill(
    database: Database, tmp_path: Path
) -> None:
    sent = tmp_path / "sent"
    text = "\n".join(f"This is sentence {number} of a story in four." for number in range(8))
    async with a_house(database) as house:
        conversation = (await house.customer_writes("Hello?")).key
    async with a_house(database, workers=False) as house:
        await house.reply(conversation, text)
    async with a_line_process("tests.harness.house_process", database.url, str(sent), "--late-at", "3") as killed:
        await _until_put_off(database)
        await killed.kill()

    async with a_house(database, workers=False) as house:
        await house.system.write(let_time_pass)
        await house.system.write(let_deliveries_be_due)
    async with a_house(database) as house:
        await house.quiet(seconds=60)
        [delivery] = (await house.parts(conversation))[-1].deliveries
        rest = [piece.text for piece in house.tiny.outbox.sent]

    before = "\n".join(rest)
    assert len(rest) == 2
    assert sent.read_text() + before == text
    assert (delivery.state, len(delivery.external_ids)) == ("sent", 4)


async def _until_put_off(database: Database) -> None:
    """Wait until two pieces have their receipts and the third one is to go later."""
    store = database.store(owner=False)
    await store.open()

    async def third_waits() -> bool:
        return await store.house_read(has_put_off)

    await until(third_waits)
    await store.close()


def has_put_off(house: HouseUnit) -> bool:
    states = [piece.state for piece in house.all(house.select(DeliveryPiece).order_by(DeliveryPiece.n))]
    late = house.first(house.select(Delivery).where(Delivery.due_at > house.now + timedelta(minutes=10)))
    return states == ["sent", "sent", "queued", "queued"] and late is not None


def let_deliveries_be_due(unit: Unit) -> None:
    for delivery in unit.all(unit.select(Delivery)):
        delivery.due_at = unit.now
        unit.wake(LaneKind.OUTBOUND, delivery.lane_key)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_the_provider_does_each_delivery_ends_and_leaves_at_most_once(
    database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    errors: list[SendError] = [
        RetryLaterError("slow down", retry_after_seconds=0.01),
        RecipientError("blocked"),
        ContentError("too odd"),
        WindowError("too late"),
        UnknownOutcomeError("reset"),
    ]
    async with a_house(database) as house:
        conversation = (await house.customer_writes("Hello?")).key
        outbox = house.tiny.outbox
        outbox.on_send = lambda piece: (
            outbox.faults.append(chance.choice(errors)) if chance.random() < 0.4 and not outbox.faults else None
        )

        for number in range(25):
            await house.reply(conversation, f"Reply {number}")
        await house.quiet()

        deliveries = [part.deliveries[0] for part in (await house.parts(conversation))[1:]]
        sent = [piece.text for piece in outbox.sent]
    assert {delivery.state for delivery in deliveries} <= ENDS
    assert all((delivery.state == "sent") == (delivery.error is None) for delivery in deliveries)
    assert len(sent) == len(set(sent)) == sum(delivery.state == "sent" for delivery in deliveries)
    assert sent == sorted(sent, key=lambda text: int(text.split()[1]))
