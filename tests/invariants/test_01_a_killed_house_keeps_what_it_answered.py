"""Invariant 1 for the whole house: kill it right after a 200, and the message is there after the restart, once."""

import json
from pathlib import Path

import pytest

from tests.harness.databases import Database
from tests.harness.house import a_house, a_message, let_time_pass
from tests.harness.line_process import LineProcess, a_line_process

pytestmark = pytest.mark.anyio

MODULE = "tests.harness.house_process"


async def test_what_was_answered_200_is_a_part_once_whenever_the_house_is_killed(
    database: Database, tmp_path: Path
) -> None:
    async with a_house(database, workers=False) as furnished:
        assert furnished.app_key
    answered: set[int] = set()
    number = 0
    for kept_before_the_kill in (1, 5, 17):
        async with a_line_process(MODULE, database.url, str(tmp_path / "sent")) as house:
            first = number
            for _ in range(kept_before_the_kill + 3):
                number += 1
                await house.feed(json.dumps({"messages": [a_message(number, f"Message {number}")]}))
            await house.says(f"kept {kept_before_the_kill}")
            await house.kill()
        answered |= {first + n for n in range(1, kept_of(house) + 1)}

    async with a_house(database, workers=False) as after:
        await after.system.write(let_time_pass)
    async with a_house(database) as after:
        await after.quiet()
        parts = await after.parts((await after.conversation()).key)
    numbers = [int(part.text.split()[1]) for part in parts]
    assert answered <= set(numbers)
    assert numbers == sorted(set(numbers))


def kept_of(house: LineProcess) -> int:
    return sum(line.startswith("kept") for line in house.lines)
