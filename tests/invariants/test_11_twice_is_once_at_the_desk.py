"""Invariant 11 at the desk: every act of its registry, with its first try undone after the flush, comes to the same."""

import random
from collections.abc import Callable, Iterator

import pytest

from chaskiq_core.desk.permissions import ACTS
from chaskiq_core.store.call import Call
from tests.harness.databases import Database
from tests.harness.desk_scenario import play_desk
from tests.harness.fresh_database import fresh_database
from tests.harness.house import a_house

pytestmark = pytest.mark.anyio


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """A second database of the same kind."""
    with fresh_database(database) as made:
        yield made


def never(call: Call[object]) -> bool:
    return False


def always(call: Call[object]) -> bool:
    return True


def at_random(seed: int) -> Callable[[Call[object]], bool]:
    chance = random.Random(seed)
    return lambda call: chance.random() < 0.5


@pytest.mark.parametrize("undo", [always, at_random(1), at_random(2)], ids=["always", "seed 1", "seed 2"])
async def test_every_act_of_the_desk_comes_to_the_same_with_its_first_try_undone(
    database: Database, other: Database, undo: Callable[[Call[object]], bool]
) -> None:
    carried_out: set[str] = set()

    def counted(call: Call[object]) -> bool:
        carried_out.add(call.name)
        return undo(call)

    async with a_house(database, undo_first_try=counted) as house:
        undone = await play_desk(house)
    async with a_house(other, undo_first_try=never) as house:
        plain = await play_desk(house)

    assert undone == plain
    writing = {act.function.__name__ for act in ACTS.values() if act.audits or act.function.__name__ == "reply"}
    assert writing <= carried_out
