"""The `chaskiq` command in this process: what it printed and how it ended, with the process's logging as before."""

import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaskiq_core.model.table import JsonObject
from chaskiq_server.cli import run
from tests.harness.databases import SOCKET_VARIABLE, Database

SECRET_KEY = "a secret key of the tests, long enough"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> JsonObject:
        """The one JSON object that it printed."""
        assert self.code == 0, self.stderr
        document = json.loads(self.stdout)
        assert isinstance(document, dict)
        return document

    @property
    def listed(self) -> list[JsonObject]:
        """The one JSON list that it printed."""
        assert self.code == 0, self.stderr
        listed = json.loads(self.stdout)
        assert isinstance(listed, list)
        return listed

    @property
    def sentence(self) -> str:
        """The one line on stderr of a command that refused."""
        assert self.stdout == "", self.stdout
        [line] = self.stderr.splitlines()
        return line.removeprefix("chaskiq: ")


def chaskiq(*arguments: str, stdin: str = "") -> Ended:
    """Carry out a command line."""
    out, err = io.StringIO(), io.StringIO()
    with _logging_as_before(), _stdin(stdin), redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    return Ended(code, out.getvalue(), err.getvalue())


def set_environment(monkeypatch: pytest.MonkeyPatch, folder: Path, database: Database | None = None) -> None:
    """Settings of a house in this process's environment, and an empty folder to stand in."""
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("CHASKIQ_") and name != SOCKET_VARIABLE]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("CHASKIQ_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("CHASKIQ_DATABASE_URL", database.url if database else f"sqlite:///{folder / 'chaskiq.db'}")


@contextmanager
def _stdin(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        yield
    finally:
        sys.stdin = before


@contextmanager
def _logging_as_before() -> Iterator[None]:
    root, house = logging.getLogger(), logging.getLogger("chaskiq")
    handlers, levels = list(root.handlers), (root.level, house.level)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(levels[0])
        house.setLevel(levels[1])
