"""`chaskiq serve --no-workers` and workers on PostgreSQL and Redis behave as one."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chaskiq_server.serving import bind
from tests.harness.command_line import chaskiq, set_environment
from tests.harness.commands_running import (
    SECONDS,
    TOKEN,
    customer_writes,
    following,
    hang_next_send,
    hears,
    received,
    reply,
    said,
    serving,
    states,
    working,
)
from tests.harness.databases import Database, drop_postgres, new_postgres
from tests.harness.redis_server import RedisServer
from tests.harness.wait import wait_until


@pytest.fixture
def on_postgres(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Database]:
    """Commands run on a new PostgreSQL database."""
    database = new_postgres()
    set_environment(monkeypatch, tmp_path, database)
    yield database
    drop_postgres(database)


@pytest.fixture
def ann(on_postgres: Database) -> tuple[str, str]:
    """An App's key, and the token of its admin."""
    app = str(chaskiq("apps", "create", "--name", "Acme").document["key"])
    chaskiq("agents", "create", "--app", app, "--email", "ann@example.org", "--name", "Ann", "--role", "admin")
    return app, str(chaskiq("tokens", "create", "--app", app, "--agent", "ann@example.org").document["token"])


def add_telegram(app: str, telegram: str) -> None:
    settings = ("--set", f"access_token={TOKEN}", "--set", f"api_base={telegram}")
    assert chaskiq("integrations", "add", "telegram", "--app", app, *settings).code == 0


def test_a_server_and_two_workers_carry_a_conversation_while_one_dies_and_redis_is_gone(
    ann: tuple[str, str], redis: RedisServer, telegram: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASKIQ_REDIS_URL", redis.url)
    with serving(monkeypatch, "--no-workers") as url, working() as first, working():
        add_telegram(ann[0], telegram)
        customer_writes(telegram, "one")
        wait_until(lambda: said(url, *ann) == ["one"])
        reply(url, *ann, "two")
        wait_until(lambda: states(url, *ann) == ["sent"])

        first.kill()
        customer_writes(telegram, "three")
        wait_until(lambda: said(url, *ann) == ["one", "two", "three"])

        redis.kill()
        customer_writes(telegram, "four")
        reply(url, *ann, "five")
        wait_until(lambda: received(telegram) == ["two", "five"])
        wait_until(lambda: sorted(said(url, *ann)) == sorted(["one", "two", "three", "four", "five"]))

        redis.start()
        customer_writes(telegram, "six")
        wait_until(lambda: "six" in said(url, *ann))


def test_agents_of_every_server_hear_what_a_worker_did_whatever_becomes_of_redis(
    ann: tuple[str, str], redis: RedisServer, telegram: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASKIQ_REDIS_URL", redis.url)
    with serving(monkeypatch, "--no-workers") as one, serving(monkeypatch, "--no-workers") as other, working():
        add_telegram(ann[0], telegram)
        with following(one, *ann) as here, following(other, *ann) as there:
            customer_writes(telegram, "one")
            hears(here, "one")
            hears(there, "one")

            redis.kill()
            customer_writes(telegram, "two")
            hears(here, "two")
            hears(there, "two")

            redis.start()
            customer_writes(telegram, "three")
            hears(here, "three")
            hears(there, "three")


def test_a_worker_ends_within_ten_seconds_while_the_provider_is_silent(
    ann: tuple[str, str], redis: RedisServer, telegram: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASKIQ_REDIS_URL", redis.url)
    with serving(monkeypatch, "--no-workers") as url, working() as worker:
        add_telegram(ann[0], telegram)
        customer_writes(telegram, "one")
        wait_until(lambda: said(url, *ann) == ["one"])
        hang_next_send(telegram)
        reply(url, *ann, "does it arrive?")
        wait_until(lambda: states(url, *ann) == ["sending"])

        worker.send_signal(signal.SIGTERM)
        started = time.monotonic()
        worker.wait(timeout=SECONDS)

        assert time.monotonic() - started < 10
        assert states(url, *ann) == ["unknown"]


def test_a_worker_shows_its_own_figures_at_a_port(
    ann: tuple[str, str], redis: RedisServer, telegram: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASKIQ_REDIS_URL", redis.url)
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with serving(monkeypatch, "--no-workers") as url, working("--metrics-port", str(port)):
        add_telegram(ann[0], telegram)
        customer_writes(telegram, "one")
        wait_until(lambda: said(url, *ann) == ["one"])
        reply(url, *ann, "two")
        wait_until(lambda: states(url, *ann) == ["sent"])

        wait_until(lambda: 'chaskiq_sends_total{outcome="sent",provider="telegram"} 1.0' in metrics(port))

        assert 'chaskiq_inbound_items_total{provider="telegram",result="done"} 1.0' in metrics(port)
        assert "chaskiq_webhooks_total{" not in metrics(port)
        assert 'chaskiq_webhooks_total{provider="telegram",result="accepted"} 1.0' in httpx.get(f"{url}/metrics").text


def metrics(port: int) -> str:
    return httpx.get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text


@pytest.mark.parametrize(
    ("redis_url", "sentence"),
    [
        ("", "CHASKIQ_REDIS_URL is not set: a worker hears of new work through Redis"),
        (
            "redis://127.0.0.1:9/0",
            "CHASKIQ_DATABASE_URL: SQLite is for one process, and `chaskiq serve` works in it; workers need PostgreSQL",
        ),
        ("localhost:6379", "CHASKIQ_REDIS_URL: must be redis://HOST:PORT/N, rediss://… or unix://…"),
    ],
)
def test_a_worker_says_what_it_needs(
    redis_url: str, sentence: str, on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASKIQ_REDIS_URL", redis_url)

    ended = chaskiq("worker")

    assert (ended.code, ended.sentence) == (2, sentence)
