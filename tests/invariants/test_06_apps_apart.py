"""Invariant 6: no row of one App is ever read or written through another App's key, unit or id."""

import ast
from pathlib import Path

import anyio
import pytest
from sqlalchemy.exc import IntegrityError

import chaskiq_core
from chaskiq_core.model import AppUser, Conversation, ConversationPart, Table
from chaskiq_core.model.ids import AppUserId, ConversationId
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.house_acts import an_app, insert_conversation, say, start, texts
from tests.harness.statements import TENANT_TABLES, hole_in
from tests.harness.stream import settled_changes

pytestmark = pytest.mark.anyio

MAY_USE_HOUSE_UNITS = {"store", "work", "integrations", "staff", "connect.py", "testing"}


async def test_two_apps_that_race_see_only_their_own(store: Store) -> None:
    ours, theirs = store.acting(await an_app(store, "ours")), store.acting(await an_app(store, "theirs"))
    keys = {ours: await ours.write(start, "Ann"), theirs: await theirs.write(start, "Bob")}

    async with anyio.create_task_group() as tasks:
        for n in range(20):
            for acting, key in keys.items():
                tasks.start_soon(acting.write, say, key, f"{acting.app_id} {n}")

    for acting, key in keys.items():
        parts = await acting.read(texts, key)
        assert [seq for seq, _ in parts] == list(range(1, 21))
        assert {text.split()[0] for _, text in parts} == {str(acting.app_id)}
        assert len(await settled_changes(acting, 20)) == 20


async def test_another_app_s_id_finds_nothing_and_changes_nothing(store: Store) -> None:
    ours, theirs = store.acting(await an_app(store, "ours")), store.acting(await an_app(store, "theirs"))
    key = await ours.write(start, "Ann")

    def read(unit: Unit, key: ConversationId) -> int:
        return len(unit.all(unit.select(Conversation).where(Conversation.id == key)))

    def overwrite(unit: Unit, key: ConversationId) -> int:
        return unit.change(unit.update(Conversation).where(Conversation.id == key).values(subject="stolen"))

    def remove(unit: Unit, key: ConversationId) -> int:
        return unit.change(unit.delete(Conversation).where(Conversation.id == key))

    assert await theirs.read(read, key) == 0
    assert await theirs.write(overwrite, key) == 0
    assert await theirs.write(remove, key) == 0
    assert await ours.read(read, key) == 1


async def test_the_database_refuses_a_row_that_points_across(store: Store) -> None:
    ours, theirs = store.acting(await an_app(store, "ours")), store.acting(await an_app(store, "theirs"))
    await ours.write(start, "Ann")

    def any_person(unit: Unit) -> AppUserId:
        return AppUserId(unit.all(unit.select(AppUser))[0].id)

    with pytest.raises(IntegrityError):
        await theirs.write(insert_conversation, await ours.read(any_person))


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM chaskiq_conversations WHERE id = 1",
        "SELECT * FROM chaskiq_conversations c JOIN chaskiq_app_users u ON u.id = c.main_participant_id "
        "WHERE c.app_id = 1",
        "UPDATE chaskiq_app_users SET name = 'x' WHERE key = 'k'",
        "DELETE FROM chaskiq_jobs",
        "INSERT INTO chaskiq_events (id, name) VALUES (1, 'x')",
        "SELECT * FROM chaskiq_apps WHERE id IN (SELECT app_id FROM chaskiq_lanes)",
    ],
)
def test_the_watch_sees_a_statement_without_its_app(statement: str, dialect: str) -> None:
    assert hole_in(statement, dialect)
    assert not hole_in(statement.replace("SELECT *", "SELECT /* house */ *", 1), dialect) or "SELECT *" not in statement


def test_every_tenant_s_table_has_its_app_in_its_key() -> None:
    for name in TENANT_TABLES - {"chaskiq_changes"}:
        assert "app_id" in Table.metadata.tables[name].primary_key.columns


def test_foreign_keys_between_tenant_tables_carry_the_app() -> None:
    for name in TENANT_TABLES:
        for key in Table.metadata.tables[name].foreign_key_constraints:
            if key.referred_table.name in TENANT_TABLES:
                assert "app_id" in key.column_keys, f"{name}: {key.name}"


def test_only_the_named_rooms_use_units_without_an_app() -> None:
    root = Path(chaskiq_core.__file__).parent
    users = {
        path.relative_to(root).parts[0]
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name) and node.id == "HouseUnit")
        or (isinstance(node, ast.Attribute) and node.attr in ("house_write", "house_read"))
    }
    assert users <= MAY_USE_HOUSE_UNITS


def test_a_unit_offers_no_way_around_its_app() -> None:
    assert not hasattr(Unit, "get")
    assert not hasattr(Unit, "session")
    assert ConversationPart.__tablename__ in TENANT_TABLES
