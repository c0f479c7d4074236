"""A plugin from nothing: scaffolded, built, installed and checked; and what the two commands refuse."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from chaskiq_server.scaffold import PLACEHOLDER, TEMPLATE
from tests.harness.command_line import chaskiq
from tests.harness.commands_running import COMMAND

SECONDS = 600


def test_a_new_plugin_is_installed_and_passes_the_kit_at_once(on_sqlite: Path) -> None:
    made = chaskiq("plugins", "new", "acme_chat").document
    folder = on_sqlite / str(made["folder"])
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(on_sqlite)]
    subprocess.run(build, cwd=folder, check=True, capture_output=True, timeout=SECONDS)
    with zipfile.ZipFile(on_sqlite / "chaskiq_acme_chat-0.1.0-py3-none-any.whl") as wheel:
        wheel.extractall(on_sqlite / "installed")

    environment = {**os.environ, "PYTHONPATH": str(on_sqlite / "installed")}
    checked = subprocess.run(
        [*COMMAND, "plugins", "check", "acme_chat", "--min", "silver", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )

    assert checked.returncode == 0, checked.stderr + checked.stdout
    card = json.loads(checked.stdout)
    assert (card["channel"], card["tier"]) == ("AcmeChat", "silver")


def test_a_new_plugin_holds_nothing_of_the_template_s_name(on_sqlite: Path) -> None:
    made = chaskiq("plugins", "new", "acme", "--into", "plugins").document
    files = {path: path.read_text() for path in (on_sqlite / "plugins").rglob("*") if path.is_file()}

    told = made["files"]
    assert isinstance(told, list)
    assert sorted(files) == sorted(on_sqlite / str(made["folder"]) / str(name) for name in told)
    assert [path for path, text in files.items() if PLACEHOLDER in f"{path}{text}".lower()] == []
    for path, text in files.items():
        if path.suffix == ".py":
            compile(text, str(path), "exec")


@pytest.mark.parametrize("name", ["Acme", "acme-chat", "1acme", "acme__chat", "class", "", "../acme", "ä", "a" * 41])
def test_a_name_that_can_not_be_one_is_refused(on_sqlite: Path, name: str) -> None:
    ended = chaskiq("plugins", "new", "--", name)

    assert ended.code == 2
    assert "lower case letters" in ended.sentence
    assert list(on_sqlite.iterdir()) == []


def test_what_is_there_is_not_overwritten(on_sqlite: Path) -> None:
    chaskiq("plugins", "new", "acme")
    ended = chaskiq("plugins", "new", "acme")

    assert (ended.code, ended.sentence) == (
        2,
        "chaskiq_acme is there already; choose another name, or another folder with --into",
    )


def test_what_is_not_installed_can_not_be_checked(on_sqlite: Path) -> None:
    ended = chaskiq("plugins", "check", "nonsense")

    assert ended.code == 2
    assert ended.sentence.startswith("no channel plugin for 'nonsense'; installed: ")


def test_the_template_keeps_to_the_outsider_s_imports() -> None:
    for path in (TEMPLATE / "src").rglob("*.py"):
        imported = [line.split()[1] for line in path.read_text().splitlines() if line.startswith("from chaskiq_core")]
        allowed = ("chaskiq_core.plugin", "chaskiq_core.testing.sandbox", "chaskiq_core.testing.conformance")

        assert [one for one in imported if one not in allowed] == [], path
