"""The fault campaign in its short form, on each database: real processes are killed, nothing is lost or repeated."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 420
SHORT = ("--seed", "7", "--messages", "500", "--kills", "4", "--rate", "150", "--echoes", "0.02", "--impatient")
LINE = re.compile(
    r"messages 500, kills \d+, lost 0, duplicated 0, reordered 0, sent twice 0, unknown \d+, stuck 0 \(.*seed 7\)"
)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_short_campaign_loses_and_repeats_nothing(database: str) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "chaos", "--db", database, *SHORT]

    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)

    assert played.returncode == 0, played.stdout + played.stderr
    assert LINE.fullmatch(played.stdout.strip()), played.stdout
