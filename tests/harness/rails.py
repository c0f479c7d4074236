"""Rails' own cable client in a Node process."""

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream

SOURCE = Path(__file__).parent / "rails_client"
MAX_LINE = 1_000_000
INSTALL_SECONDS = 180


def find_tool(name: str) -> str | None:
    """The machine's own Node or npm, else the one of the wheel beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def install_rails_client(folder: Path) -> Path:
    """The client with its packages in a folder of its own; fails the test where Node or npm is missing."""
    missing = [tool for tool in ("node", "npm") if find_tool(tool) is None]
    if missing:
        pytest.fail(f"{' and '.join(missing)} not found: this test runs Rails' own client and needs Node 18 or newer")
    for name in ("client.js", "package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, folder / name)
    done = subprocess.run(
        [find_tool("npm") or "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"npm could not install the packages of {SOURCE.name}: {done.stderr[-500:]}")
    return folder


class RailsClient:
    """A running client, subscribed or refused."""

    def __init__(self, lines: BufferedByteReceiveStream) -> None:
        self._lines = lines

    async def hears(self, event: str, *, seconds: float = 20) -> object:
        """The data of the next event, which must be this one."""
        with anyio.fail_after(seconds):
            line = await self._lines.receive_until(b"\n", MAX_LINE)
        heard: dict[str, object] = json.loads(line)
        assert heard["event"] == event, heard
        return heard["data"]


@asynccontextmanager
async def rails_client(folder: Path, url: str, identifier: Mapping[str, object]) -> AsyncIterator[RailsClient]:
    """The client, connecting to a cable with one subscription; it ends with the block."""
    command = [find_tool("node") or "node", "client.js", url, json.dumps(identifier)]
    async with await anyio.open_process(command, cwd=folder, stderr=None) as process:
        assert process.stdout is not None
        try:
            yield RailsClient(BufferedByteReceiveStream(process.stdout))
        finally:
            process.kill()
