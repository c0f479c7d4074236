"""Adding a part takes as many statements where much is stored as where little is, whoever takes part."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from chaskiq_core.store.call import running_act
from tests.harness.databases import Database
from tests.harness.house import House, a_house, a_message

pytestmark = pytest.mark.anyio

FIXED = ("apply_items", "reply", "write_steps")
"""The acts of a message's life: taken in, answered, sent."""


@pytest.fixture
def statements() -> Iterator[Counter[str]]:
    """How many statements each act has made so far, by its name."""
    made: Counter[str] = Counter()

    def count(*_: object) -> None:
        if (act := running_act.get()) is not None:
            made[act] += 1

    event.listen(Engine, "before_cursor_execute", count)
    yield made
    event.remove(Engine, "before_cursor_execute", count)


async def cost(house: House, statements: Counter[str], number: int, key: str | None) -> dict[str, int]:
    """The statements of one message in, one answer, and its way out."""
    statements.clear()
    await house.post(a_message(number, f"message {number}"))
    await house.quiet()
    await house.reply(key or (await house.conversation()).key, f"reply {number}")
    await house.quiet()
    return {act: statements[act] for act in FIXED}


async def test_a_message_s_life_takes_the_same_statements_however_many_are_stored(
    database: Database, statements: Counter[str]
) -> None:
    async with a_house(database) as house:
        key = (await house.customer_writes("Hello?")).key
        few = await cost(house, statements, 2, key)

        for number in range(3, 23):
            await house.post(a_message(number, f"message {number}"), a_message(100 + number, "Hi", chat=str(number)))
            await house.reply(key, f"reply {number}")
        await house.quiet()
        many = await cost(house, statements, 90, key)

    assert few == many
    assert all(0 < few[act] < 40 for act in FIXED), few  # a send writes twice
