"""The runs of a call: each sees the same time, ids, keys and arguments, and a taken place is a race, never a repeat."""

from collections.abc import Mapping

import pytest

from chaskiq_core.errors import RaceError
from chaskiq_core.model import Conversation
from chaskiq_core.model.ids import ConversationId
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house_acts import a_part, an_app, say, start, texts

pytestmark = pytest.mark.anyio


async def test_the_second_run_has_the_same_time_ids_and_keys(database: Database) -> None:
    seen: list[tuple[object, ...]] = []

    def act(unit: Unit) -> None:
        seen.append((unit.call_id, unit.now, unit.new_id(), unit.new_id(), unit.new_key(), unit.new_key()))

    store = database.store(undo_first_try=lambda call: call.name.endswith("act"))
    await store.open()
    await store.acting(await an_app(store)).write(act)

    assert len(seen) == 2
    assert seen[0] == seen[1]
    await store.close()


async def test_the_second_run_gets_its_arguments_as_they_were(database: Database) -> None:
    def act(unit: Unit, *, words: Mapping[str, int]) -> int:
        assert isinstance(words, dict)
        return int(words.pop("n"))

    store = database.store(undo_first_try=lambda call: call.name.endswith("act"))
    await store.open()
    given = {"n": 7}

    assert await store.acting(await an_app(store)).write(act, words=given) == 7
    assert given == {"n": 7}
    await store.close()


async def test_a_seq_that_is_taken_is_a_race_and_never_a_second_part(store: Store) -> None:
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")
    await acting.write(say, key, "first")

    def swap_in(unit: Unit, key: ConversationId) -> None:
        (conversation,) = unit.all(unit.select(Conversation).where(Conversation.id == key))
        unit.add(a_part(unit, conversation, "in the same place"))

    with pytest.raises(RaceError):
        await acting.write(swap_in, key)

    assert await acting.read(texts, key) == [(1, "first")]
