"""`chaskiq serve` and `chaskiq worker` as processes of their own, and what the sandbox and REST show of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from chaskiq_server.serving import bind
from tests.harness.cable import EVENTS
from tests.harness.wait import wait_until

TOKEN = "7700112233:AAGsandboxSANDBOXsandboxSANDBOXsand"
BOT = f"sandbox/bots/{TOKEN}"
SECONDS = 30
COMMAND = [sys.executable, "-c", "from chaskiq_server.cli import main; main()"]


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, *options: str, stops_by: int = signal.SIGTERM) -> Iterator[str]:
    """The URL of a server in a process of its own; it ends with 0."""
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("CHASKIQ_PUBLIC_URL", url)
    command = [*COMMAND, "serve", *options]
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


@contextmanager
def working(*options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own; one that is still there at the end is told to stop, and ends with 0."""
    with subprocess.Popen([*COMMAND, "worker", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            killed = process.poll() is not None
            if not killed:
                process.send_signal(signal.SIGTERM)
            printed, said = process.communicate(timeout=SECONDS)
        assert printed == b""
        assert killed or process.returncode == 0, said.decode()
        assert "Traceback" not in said.decode(), said.decode()


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


@contextmanager
def following(url: str, app: str, token: str) -> Iterator[ClientConnection]:
    """An agent's connection to a server's cable, subscribed to all that agents may hear."""
    address = f"{url.replace('http', 'ws', 1)}/cable?app={app}&token={token}"
    with connect(address, proxy=None) as socket:
        socket.send(json.dumps({"command": "subscribe", "identifier": EVENTS}))
        while "confirm_subscription" not in str(socket.recv(timeout=SECONDS)):
            pass
        yield socket


def hears(socket: ClientConnection, text: str) -> None:
    """Wait until the cable tells of a part with that text."""
    until = time.monotonic() + SECONDS
    while f'"text":"{text}"' not in str(socket.recv(timeout=until - time.monotonic())):
        pass


def hang_next_send(telegram: str) -> None:
    """The next message is taken by nobody knows whom: no answer comes."""
    httpx.post(f"{telegram}/sandbox/faults", json={"kind": "hang", "method": "sendMessage"}).raise_for_status()


def states(url: str, app: str, token: str) -> list[str]:
    """The states of all deliveries of the one conversation."""
    [one] = conversations(url, app, token).raise_for_status().json()["items"]
    parts = httpx.get(
        f"{url}/api/v1/apps/{app}/conversations/{one['key']}/parts", headers={"authorization": f"Bearer {token}"}
    )
    return [delivery["state"] for part in parts.raise_for_status().json()["items"] for delivery in part["deliveries"]]
