"""What the command's tests share: the environment of a house."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from chaskiq_telegram.sandbox import running_sandbox
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


@pytest.fixture
def telegram() -> Iterator[str]:
    """The URL of a sandbox."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running_sandbox()) as url:
        yield url
