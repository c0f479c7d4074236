"""No statement on a part's way reads all rows of an App; SQLite keeps no figures of tables and plans by the words."""

import re
import sqlite3
from pathlib import Path

import pytest

from chaskiq_core import desk
from tests.harness.databases import new_sqlite
from tests.harness.house import House, a_house, a_message
from tests.harness.statements import StatementWatch

pytestmark = pytest.mark.anyio

GROWING = (
    "app_users|external_profiles|profile_aliases|conversations|participants|conversation_channels|conversation_parts"
    "|part_sources|deliveries|delivery_pieces|inbound_requests|inbound_items|lanes|events|jobs"
)
WHOLE = re.compile(rf"SCAN chaskiq_({GROWING})\b|SEARCH chaskiq_({GROWING}) .*\((app_id|kind)=\?\)")
BOUNDED = ("ix_chaskiq_conversations_updated_at", "ix_chaskiq_lanes_due", "_pending", "_open")
"""Read from one end, up to a limit; or of what is still to do, which the harness asks for to see whether it is over."""


async def go_all_the_way(house: House) -> None:
    """A message in, twice, an answer out, and what an agent's page asks for."""
    for number in (1, 2):
        await house.post(a_message(number, f"message {number}"))
        await house.quiet()
    conversation = await house.conversation()
    await house.reply(conversation.key, "Hello!")
    await house.quiet()
    await house.ann.read(desk.inbox)
    await house.parts(conversation.key)


async def test_no_statement_of_a_part_s_way_reads_all_rows_of_an_app(tmp_path: Path) -> None:
    database, watch = new_sqlite(tmp_path), StatementWatch("sqlite")

    async with a_house(database, trace=watch) as house:
        watch.seen.clear()
        await go_all_the_way(house)

    connection = sqlite3.connect(database.path)
    whole = {
        f"{step} in: {' '.join(statement.split())}"
        for statement in set(watch.seen)
        if re.match(r"\s*(/\* house \*/)?\s*(SELECT|WITH|UPDATE|DELETE)", statement)
        for _, _, _, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        if WHOLE.match(step) and not any(name in step for name in BOUNDED)
    }
    connection.close()
    assert whole == set()
