"""What the command's tests share: the environment of a house."""

from pathlib import Path

import pytest

from tests.harness.command_line import set_environment
from tests.harness.databases import Database


@pytest.fixture
def on_sqlite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Commands run on a new SQLite file, in a folder of their own."""
    set_environment(monkeypatch, tmp_path)
    return tmp_path


@pytest.fixture
def on_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Database:
    """Commands run on a new database of each kind."""
    set_environment(monkeypatch, tmp_path, database)
    return database
