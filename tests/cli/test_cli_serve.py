"""`chaskiq serve` as a process, and every other command beside it on the same database."""

import signal
import time
from pathlib import Path

import pytest

from chaskiq_core.integrations.cache import FOUND_SECONDS
from tests.harness.command_line import chaskiq
from tests.harness.commands_running import (
    TOKEN,
    conversations,
    customer_writes,
    delivered,
    received,
    reply,
    said,
    serving,
)
from tests.harness.databases import Database
from tests.harness.wait import wait_until


def test_every_command_works_beside_a_running_server(
    on_each: Database, telegram: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(monkeypatch) as url:
        app = str(chaskiq("apps", "create", "--name", "Acme").document["key"])
        chaskiq("agents", "create", "--app", app, "--email", "ann@example.org", "--name", "Ann", "--role", "admin")
        token = str(chaskiq("tokens", "create", "--app", app, "--agent", "ann@example.org").document["token"])
        settings = ("--set", f"access_token={TOKEN}", "--set", f"api_base={telegram}")
        key = str(chaskiq("integrations", "add", "telegram", "--app", app, *settings).document["id"])

        customer_writes(telegram, "before")
        wait_until(lambda: said(url, app, token) == ["before"])
        chaskiq("integrations", "rotate", key)
        customer_writes(telegram, "after the rotation")
        wait_until(lambda: said(url, app, token) == ["before", "after the rotation"])

        chaskiq("integrations", "pause", key)
        known = time.monotonic() + FOUND_SECONDS
        wait_until(lambda: time.monotonic() > known)
        reply(url, app, token, "On its way.")
        assert received(telegram) == []
        assert chaskiq("integrations", "resume", key).document["state"] == "active"
        wait_until(lambda: received(telegram) == ["On its way."])

        [listed] = chaskiq("tokens", "list", "--app", app).listed
        chaskiq("tokens", "revoke", str(listed["id"]))
        wait_until(lambda: conversations(url, app, token).status_code == 401)


def test_a_server_without_workers_keeps_what_comes_and_one_with_workers_takes_it_in(
    on_sqlite: Path, telegram: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = str(chaskiq("apps", "create", "--name", "Acme").document["key"])
    chaskiq("agents", "create", "--app", app, "--email", "ann@example.org", "--name", "Ann", "--role", "admin")
    token = str(chaskiq("tokens", "create", "--app", app, "--agent", "ann@example.org").document["token"])

    with serving(monkeypatch, "--no-workers", stops_by=signal.SIGINT) as url:
        settings = ("--set", f"access_token={TOKEN}", "--set", f"api_base={telegram}")
        chaskiq("integrations", "add", "telegram", "--app", app, *settings)
        customer_writes(telegram, "kept")
        wait_until(lambda: delivered(telegram))
        assert said(url, app, token) == []

    with serving(monkeypatch) as url:
        wait_until(lambda: said(url, app, token) == ["kept"])
