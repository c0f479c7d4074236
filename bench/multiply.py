"""Many times what a database holds, by a few statements: other contacts, each with all rows that belong to them."""

import sqlite3
from dataclasses import dataclass

import asyncpg

from chaskiq_core.model import Table
from tests.harness.databases import Database


@dataclass(frozen=True, slots=True)
class Copied:
    """Which columns of a table are not the same in a copy."""

    ids: tuple[str, ...] = ()
    """Lower in each copy by more than all ids of the first lie apart: a copy is older."""
    names: tuple[str, ...] = ()
    """With the copy's number behind them."""
    times: tuple[str, ...] = ()
    """A minute earlier in each copy."""


TABLES = {
    "app_users": Copied(ids=("id",), names=("key", "session_id")),
    "external_profiles": Copied(ids=("id", "app_user_id")),
    "profile_aliases": Copied(ids=("profile_id",), names=("alias",)),
    "conversations": Copied(ids=("id", "main_participant_id"), names=("key",), times=("updated_at",)),
    "participants": Copied(ids=("conversation_id", "app_user_id")),
    "conversation_channels": Copied(ids=("id", "conversation_id"), names=("channel_id",)),
    "conversation_parts": Copied(ids=("id", "conversation_id", "app_user_id"), names=("key", "client_id")),
    "part_sources": Copied(ids=("id", "part_id"), names=("message_key",)),
    "deliveries": Copied(ids=("id", "part_id", "conversation_id", "channel_id"), names=("key", "lane_key")),
    "delivery_pieces": Copied(ids=("delivery_id",)),
    "inbound_requests": Copied(ids=("id",)),
    "inbound_items": Copied(ids=("id", "request_id"), names=("dedupe_key", "lane_key")),
    "lanes": Copied(names=("key",)),
    "events": Copied(ids=("id",), names=("subject_key",)),
}
WITH_IDS = [f"SELECT id FROM chaskiq_{name}" for name, copied in TABLES.items() if "id" in copied.ids]
SPAN = f"SELECT max(id) - min(id) + 1 FROM ({' UNION ALL '.join(WITH_IDS)}) AS ids"
COPIES = "WITH RECURSIVE copies(copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < {last})"


async def multiply(database: Database, times: int) -> None:
    """Add `times - 1` copies of all that belongs to contacts; nobody has the database open."""
    if times < 2:
        return
    if database.kind == "sqlite":
        connection = sqlite3.connect(database.path, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        step = connection.execute(SPAN).fetchone()[0]
        connection.execute("BEGIN IMMEDIATE")
        for name, copied in TABLES.items():
            connection.execute(_insert(name, copied, step, times, "60000000"))
        connection.execute("COMMIT")
        connection.close()
        return
    driver = await asyncpg.connect(database.url)
    step = await driver.fetchval(SPAN)
    # What is copied holds together: nothing is gained by looking each key up again.
    await driver.execute("SET session_replication_role = replica")
    for name, copied in TABLES.items():
        await driver.execute(_insert(name, copied, step, times, "interval '1 minute'"))
    await driver.execute("VACUUM ANALYZE")
    await driver.close()


def _insert(name: str, copied: Copied, step: int, times: int, minute: str) -> str:
    columns = [column.name for column in Table.metadata.tables[f"chaskiq_{name}"].columns]
    values = [_value(column, copied, step, minute) for column in columns]
    # A statement does not see its own rows, on either database.
    return (
        f"INSERT INTO chaskiq_{name} ({', '.join(columns)}) {COPIES.format(last=times - 1)} "
        f"SELECT {', '.join(values)} FROM copies CROSS JOIN chaskiq_{name} AS old"
    )


def _value(column: str, copied: Copied, step: int, minute: str) -> str:
    if column in copied.ids:
        return f"old.{column} - copy * {step}"
    if column in copied.names:
        return f"old.{column} || '-' || copy"
    if column in copied.times:
        return f"old.{column} - copy * {minute}"
    return f"old.{column}"
