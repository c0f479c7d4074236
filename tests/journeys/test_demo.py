"""`make demo`: one conversation played to its end over HTTP, and a demo that goes on where it was stopped."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from chaskiq_core.settings import Settings
from tests.harness.processes import ROOT
from tests.harness.wait import wait_until

SECONDS = 60
LINES = [
    "the customer writes in Telegram",
    "the agent sees it",
    "the bot answers",
    "the customer reads the bot",
    "the rule assigns",
    "the agent replies over REST",
    "the customer reads the agent",
    "the agent sees that it was sent",
]


def test_one_conversation_is_played_and_no_line_is_missing(tmp_path: Path) -> None:
    ended = subprocess.run(
        _command("--once"), cwd=ROOT, env=_environment(tmp_path), capture_output=True, timeout=SECONDS
    )

    printed = ended.stdout.decode()
    assert ended.returncode == 0, printed + ended.stderr.decode()
    assert [re.split(r"\s{2,}", line[2:])[0] for line in printed.splitlines() if line.startswith("✓ ")] == LINES
    assert "✗" not in printed
    assert list(tmp_path.iterdir()) == []  # its temporary folder is gone


def test_a_line_that_is_missing_ends_with_1(tmp_path: Path) -> None:
    mute = tmp_path / "mute"
    mute.mkdir()
    for name in ("hello_bot.py", "assign_rule.py"):
        (mute / name).write_text((ROOT / "examples" / name).read_text().replace("return [A", "return [] and [A"))
    command = _command("--once", "--examples", str(mute), "--seconds", "3")

    ended = subprocess.run(command, cwd=ROOT, env=_environment(tmp_path), capture_output=True, timeout=SECONDS)

    printed = ended.stdout.decode()
    assert ended.returncode == 1
    assert "✓ the agent sees it " in printed
    assert "✗ the bot answers " in printed


def test_the_demo_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    with _running(tmp_path) as (bot, api, token):
        _write(bot, "the first run")
        wait_until(lambda: len(_said(api, token)) == 2)

    with _running(tmp_path) as (bot, api, token):
        _write(bot, "the second run")
        wait_until(lambda: len(_said(api, token)) == 3)
        said = _said(api, token)

    assert [one.split("!")[0] for one in said] == ["the first run", "Hi Maya", "the second run"]


def test_a_port_that_is_taken_ends_with_1_and_a_sentence(tmp_path: Path) -> None:
    with _running(tmp_path) as (_, api, _):
        port = str(httpx.URL(api).port)
        ended = subprocess.run(
            _command("--folder", str(tmp_path / "other"), "--port", port),
            cwd=ROOT, env=_environment(tmp_path), capture_output=True, timeout=SECONDS,
        )  # fmt: skip

    assert ended.returncode == 1
    assert ended.stderr.decode() == f"demo: 127.0.0.1:{port} can't be listened on: Address already in use\n"


def _command(*options: str) -> list[str]:
    return [sys.executable, "-m", "chaskiq_server.demo", *options]


def _environment(folder: Path) -> dict[str, str]:
    """An environment that says nothing about Chaskiq, and temporary files of its own."""
    ours = {f"CHASKIQ_{name.upper()}" for name in Settings.model_fields} | {"PORT"}
    return {name: value for name, value in os.environ.items() if name not in ours} | {"TMPDIR": str(folder)}


@contextmanager
def _running(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The URLs and the token that a running demo prints; it is stopped as Ctrl-C does, and ends with 0."""
    command = _command("--folder", str(folder / "demo"), "--port", "0")
    with subprocess.Popen(command, cwd=ROOT, env=_environment(folder), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told: dict[str, str] = {}
        for line in process.stdout:
            name, is_told, value = line.strip().partition("=")
            told |= {name: value} if is_told else {}
            if "chats/" in line:
                break
        try:
            yield told["BOT"], told["API"], told["TOKEN"]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(SECONDS) == 0


def _write(bot: str, text: str) -> None:
    sent = {"from": {"id": 1001, "first_name": "Maya"}, "text": text}
    httpx.post(f"{bot}/messages", json=sent).raise_for_status()


def _said(api: str, token: str) -> list[str]:
    """What was said in all conversations."""
    said: list[str] = []
    with httpx.Client(headers={"authorization": f"Bearer {token}"}) as http:
        for one in http.get(f"{api}/conversations").raise_for_status().json()["items"]:
            parts = http.get(f"{api}/conversations/{one['key']}/parts").raise_for_status().json()["items"]
            said += [part["text"] for part in parts if part["kind"] == "content"]
    return said
