"""Putting a conversation aside: it opens by itself at its time, or when the contact writes, and not before."""

from datetime import timedelta

import pytest

from chaskiq_core import desk
from chaskiq_core.errors import InvalidError
from chaskiq_core.store.call import utc_now
from tests.harness.databases import Database
from tests.harness.house import House, a_house, let_jobs_be_due
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

LATER = timedelta(hours=1)


async def actions(house: House, key: str) -> list[str]:
    return [part.event.action for part in await house.parts(key) if part.event]


async def becomes(house: House, key: str, state: str) -> None:
    async def is_so() -> bool:
        return (await house.ann.read(desk.show, key)).state == state

    await until(is_so)


async def test_a_snoozed_conversation_opens_at_its_time_also_in_another_process(database: Database) -> None:
    async with a_house(database) as house:
        key = (await house.customer_writes("Hello?")).key
        snoozed = await house.ann.write(desk.snooze, key, until=utc_now() + LATER)
        assert snoozed.state == "snoozed"

    async with a_house(database) as house:
        assert (await house.ann.read(desk.show, key)).state == "snoozed"
        await house.system.write(let_jobs_be_due)
        await becomes(house, key, "opened")

        assert await actions(house, key) == ["snoozed", "reopened"]


async def test_it_wakes_when_the_contact_writes_and_its_old_time_changes_nothing(house: House) -> None:
    key = (await house.customer_writes("Hello?")).key
    await house.ann.write(desk.snooze, key, until=utc_now() + LATER)

    await house.post({"id": 2, "chat": "7", "from": "7", "name": "Person 7", "text": "Are you there?"})
    await becomes(house, key, "opened")
    await house.ann.write(desk.close, key)
    await house.system.write(let_jobs_be_due)
    await house.quiet()

    assert (await house.ann.read(desk.show, key)).state == "closed"
    assert await actions(house, key) == ["snoozed", "reopened", "closed"]


async def test_another_time_takes_the_place_of_the_first(house: House) -> None:
    key = (await house.customer_writes("Hello?")).key
    until_then = utc_now() + 2 * LATER
    await house.ann.write(desk.snooze, key, until=utc_now() + LATER)
    await house.ann.write(desk.snooze, key, until=until_then)
    await house.ann.write(desk.snooze, key, until=until_then)

    assert await actions(house, key) == ["snoozed", "snoozed"]


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(days=400)])
async def test_a_time_that_is_past_or_too_far_is_refused(house: House, ahead: timedelta) -> None:
    key = (await house.customer_writes("Hello?")).key

    with pytest.raises(InvalidError, match="until"):
        await house.ann.write(desk.snooze, key, until=utc_now() + ahead)
    with pytest.raises(InvalidError, match="time zone"):
        await house.ann.write(desk.snooze, key, until=(utc_now() + LATER).replace(tzinfo=None))
