"""Fixtures for all tests: both databases, watched statements, guarded acts, and a count of tests per database."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from chaskiq_core.store.store import Store
from tests.harness.databases import Database, drop_postgres, new_postgres, new_sqlite, start_postgres
from tests.harness.house import House, a_house
from tests.harness.io_guard import guard_acts
from tests.harness.redis_server import RedisServer, a_redis
from tests.harness.statements import StatementWatch

STOP_POSTGRES = pytest.StashKey[Callable[[], None]]()
KINDS = ("sqlite", "postgres")


def pytest_configure(config: pytest.Config) -> None:
    guard_acts()
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[STOP_POSTGRES] = start_postgres()


def pytest_unconfigure(config: pytest.Config) -> None:
    if stop := config.stash.get(STOP_POSTGRES, None):
        stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        if report.when == "call":
            ran.update(kind for kind in KINDS if f"[{kind}" in report.nodeid or f"-{kind}" in report.nodeid)
    terminalreporter.write_line(f"tests on SQLite: {ran['sqlite']}, on PostgreSQL: {ran['postgres']}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("a test was skipped: in CI that is a failure")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield new_sqlite(tmp_path)
        return
    made = new_postgres()
    yield made
    drop_postgres(made)


@pytest.fixture
def watch(database: Database) -> Iterator[StatementWatch]:
    """Every statement of the test's store; it fails if one touches a tenant's table without its App."""
    watch = StatementWatch(database.kind)
    yield watch
    assert watch.holes == []


@pytest.fixture
async def store(database: Database, watch: StatementWatch) -> AsyncIterator[Store]:
    """An open store on each database, whose statements are watched."""
    store = database.store(trace=watch)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def house(database: Database, watch: StatementWatch) -> AsyncIterator[House]:
    """A whole house on each database, its worker running, its statements watched."""
    async with a_house(database, trace=watch) as house:
        yield house


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis of the test's own."""
    with a_redis(tmp_path) as server:
        yield server
