"""The docs hold what they say: Python is cut from files that run or runs here, commands exist, links lead somewhere.

A block of Python below `<!-- from FILE -->` stands in that file, which other tests run. Any other runs in the page's
order, in the shop of `tests/harness/shop.py`.
"""

import ast
import inspect
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import anyio
import pytest

import chaskiq_core
import chaskiq_core.plugin
from chaskiq_core.plugin import JsonObject
from tests.harness.markdown import PAGES, ROOT, Block, anchors_of, blocks_of, links_of, name_of
from tests.harness.shell_lines import commands_in, problem_with
from tests.harness.shop import open_shop, run_block

BLOCKS = [block for page in PAGES for block in blocks_of(page)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
CUT = [block for block in BLOCKS if block.source]
RUN = sorted({block.page for block in PYTHON if not block.source})
SHELL = [block for block in BLOCKS if block.language == "sh"]
LANGUAGES = {"python", "sh", "text", "json", "nginx", "caddy", "ini", "toml", "js"}
DEEPEST = 4
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_block_says_what_it_is() -> None:
    unknown = [str(block) for block in BLOCKS if block.language not in LANGUAGES]

    assert unknown == []
    assert len(PYTHON) > 10
    assert len(SHELL) > 10


@pytest.mark.parametrize("block", CUT, ids=str)
def test_a_cut_block_stands_in_its_file(block: Block) -> None:
    file = (ROOT / block.source).read_text(encoding="utf-8")

    assert any(textwrap.indent(block.text, "    " * deep) in file for deep in range(DEEPEST))


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_a_page_s_own_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHASKIQ_SECRET_KEY", "any text of 32 characters or more")

    async def run() -> None:
        async with open_shop(tmp_path) as names:
            for block in blocks_of(page):
                if block.language == "python" and not block.source:
                    await run_block(block.text, str(block), names)

    anyio.run(run)


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_a_command_in_the_docs_exists(block: Block) -> None:
    wrong: list[str | None] = []
    for words in commands_in(block.text):
        program = words[0].rpartition("/")[2]
        if program == "chaskiq":
            wrong.append(problem_with(words[1:]))
        elif program == "make":
            wrong += [f"no target {word}" for word in words[1:] if "=" not in word and word not in TARGETS]
        elif program.startswith("python") and words[1].endswith(".py"):
            wrong.append(None if (ROOT / words[1]).exists() else f"no file {words[1]}")

    assert [one for one in wrong if one] == []


@pytest.mark.parametrize(
    "line",
    ["chaskiq app list", "chaskiq apps create --title Acme", "chaskiq apps create", "chaskiq db upgrade now",
     "chaskiq agents create --app K --email a@b --name A --role boss", "chaskiq tokens revoke"],
)  # fmt: skip
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    [words] = commands_in(line)

    assert problem_with(words[1:])


def test_every_example_of_the_command_would_be_taken() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    _, *examples = re.findall(r"^Example: `chaskiq (.+)`$", page, re.MULTILINE)

    assert len(examples) > 20
    assert [(one, problem) for one in examples if (problem := problem_with(shlex.split(one)))] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        is_there = target.is_relative_to(ROOT) and target.exists()
        if not is_there or (anchor and anchor not in anchors_of(target)):
            dead.append(link)

    assert dead == []


def test_every_page_is_reached_from_the_first_one() -> None:
    reached, waiting = set[Path](), [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links_of(page)]
    shelves = [page for page in PAGES if page.is_relative_to(ROOT / "docs") and page.parent.name != "decisions"]

    assert [name_of(page) for page in shelves if page not in reached] == []


@pytest.mark.parametrize("module", [chaskiq_core, chaskiq_core.plugin], ids=lambda module: module.__name__)
def test_every_public_name_says_what_it_is(module: object) -> None:
    values = {name: getattr(module, name) for name in vars(module)["__all__"]}
    aliases = {name for name, value in values.items() if not _documents_itself(value)}
    silent = {name for name in values.keys() - aliases if not (inspect.getdoc(values[name]) or "").strip()}
    generated = {name for name in values if (inspect.getdoc(values[name]) or "").startswith(f"{name}(")}

    assert (silent, generated, aliases - documented_assignments()) == (set(), set(), set())


def documented_assignments() -> set[str]:
    """Names that a module of the core assigns, with a string below that says what they are."""
    found = set[str]()
    for file in (ROOT / "chaskiq_core" / "src").rglob("*.py"):
        body = ast.parse(file.read_text(encoding="utf-8")).body
        for one, after in zip(body, [*body[1:], ast.Pass()], strict=True):
            target = one.targets[0] if isinstance(one, ast.Assign) else getattr(one, "target", None)
            is_told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if isinstance(target, ast.Name) and is_told:
                found.add(target.id)
    return found


@pytest.mark.parametrize(
    "environment",
    [{"COLUMNS": "40", "TERM": "dumb"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"CHASKIQ_PLUGINS": "none", "PORT": "9"}],
    ids=["narrow", "plain", "settings"],
)
def test_reference_pages_are_fresh_whatever_the_environment(environment: JsonObject) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tools.write_docs", "--check"],
        cwd=ROOT,
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ended.returncode, ended.stderr) == (0, "")


def _documents_itself(value: object) -> bool:
    return inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value)
