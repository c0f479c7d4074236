"""Flush: rows go out parents first, in whatever order an act adds them."""

import pytest

from chaskiq_core.model import ExternalProfile, ProfileAlias
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.house_acts import an_app, insert_person

pytestmark = pytest.mark.anyio


def add_the_child_first(unit: Unit) -> int:
    profile_id = unit.new_id()
    unit.add(ProfileAlias(app_id=unit.app_id, provider="test", scope="", alias="1", profile_id=profile_id))
    unit.add(
        ExternalProfile(
            app_id=unit.app_id,
            id=profile_id,
            app_user_id=insert_person(unit, "Ann"),
            provider="test",
            scope="",
            data={},
            created_at=unit.now,
        )
    )
    return profile_id


async def test_a_row_may_be_added_before_what_it_points_to(store: Store) -> None:
    acting = store.acting(await an_app(store))

    profile_id = await acting.write(add_the_child_first)

    def owners(unit: Unit) -> list[int]:
        return list(unit.all(unit.select(ProfileAlias.profile_id)))

    assert await acting.read(owners) == [profile_id]
