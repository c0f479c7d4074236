"""`chaskiq serve` as a process, and every other command beside it on the same database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from chaskiq_core.integrations.cache import FOUND_SECONDS
from chaskiq_server.serving import bind
from chaskiq_telegram.sandbox import running_sandbox
from tests.harness.command_line import chaskiq
from tests.harness.databases import Database
from tests.harness.wait import wait_until

TOKEN = "7700112233:AAGsandboxSANDBOXsandboxSANDBOXsand"
BOT = f"sandbox/bots/{TOKEN}"
SECONDS = 30


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, *options: str, stops_by: int = signal.SIGTERM) -> Iterator[str]:
    """The URL of a server in a process of its own; it ends with 0."""
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("CHASKIQ_PUBLIC_URL", url)
    command = [sys.executable, "-c", "from chaskiq_server.cli import main; main()", "serve", *options]
    environment = {**os.environ, "PORT": str(port)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            wait_until(lambda: answers(url) or process.poll() is not None)
            assert process.poll() is None, process.communicate()[1].decode()
            yield url
        finally:
            process.send_signal(stops_by)
            printed, said = process.communicate(timeout=SECONDS)
        assert (process.returncode, printed) == (0, b""), said.decode()
        assert "Traceback" not in said.decode()
        assert TOKEN not in said.decode()


@pytest.fixture
def telegram() -> Iterator[str]:
    """The URL of a sandbox."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running_sandbox()) as url:
        yield url


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


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def customer_writes(telegram: str, text: str) -> None:
    sent = {"from": {"id": 1001, "first_name": "Maya"}, "text": text}
    httpx.post(f"{telegram}/{BOT}/messages", json=sent).raise_for_status()


def received(telegram: str) -> list[str]:
    messages = httpx.get(f"{telegram}/{BOT}/chats/1001/messages").raise_for_status().json()["messages"]
    return [message["text"] for message in messages if message["direction"] == "bot"]


def delivered(telegram: str) -> bool:
    """Whether the server has answered for all that the sandbox had to tell."""
    info = httpx.get(f"{telegram}/bot{TOKEN}/getWebhookInfo").raise_for_status().json()["result"]
    return bool(info["pending_update_count"] == 0)


def conversations(url: str, app: str, token: str) -> httpx.Response:
    return httpx.get(f"{url}/api/v1/apps/{app}/conversations", headers={"authorization": f"Bearer {token}"})


def said(url: str, app: str, token: str) -> list[str]:
    """The texts of all conversations' parts."""
    texts: list[str] = []
    for one in conversations(url, app, token).raise_for_status().json()["items"]:
        parts = httpx.get(
            f"{url}/api/v1/apps/{app}/conversations/{one['key']}/parts", headers={"authorization": f"Bearer {token}"}
        )
        texts += [part["text"] for part in parts.raise_for_status().json()["items"] if part["kind"] == "content"]
    return texts


def reply(url: str, app: str, token: str, text: str) -> None:
    [one] = conversations(url, app, token).raise_for_status().json()["items"]
    httpx.post(
        f"{url}/api/v1/apps/{app}/conversations/{one['key']}/parts",
        headers={"authorization": f"Bearer {token}"},
        json={"text": text},
    ).raise_for_status()
