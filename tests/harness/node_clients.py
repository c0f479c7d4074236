"""Others' own cable clients, Rails' and AnyCable's, each in a Node process."""

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import ByteSendStream
from anyio.streams.buffered import BufferedByteReceiveStream

RAILS = Path(__file__).parent / "rails_client"
ANYCABLE = Path(__file__).parent / "anycable_client"
MAX_LINE = 1_000_000
INSTALL_SECONDS = 180


def find_tool(name: str) -> str | None:
    """The machine's own Node or npm, else the one of the wheel beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def install_client(source: Path, folder: Path) -> Path:
    """The client with its packages in a folder of its own; fails the test where Node or npm is missing."""
    missing = [tool for tool in ("node", "npm") if find_tool(tool) is None]
    if missing:
        pytest.fail(
            f"{' and '.join(missing)} not found: this test runs another's own client and needs Node 18 or newer"
        )
    for name in ("client.js", "package.json", "package-lock.json"):
        shutil.copy(source / name, folder / name)
    done = subprocess.run(
        [find_tool("npm") or "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"npm could not install the packages of {source.name}: {done.stderr[-500:]}")
    return folder


class NodeClient:
    """A running client, subscribed or refused."""

    def __init__(self, lines: BufferedByteReceiveStream, commands: ByteSendStream) -> None:
        self._lines = lines
        self._commands = commands

    async def cut(self) -> None:
        """Lose the connection; AnyCable's only."""
        await self._commands.send(b"cut\n")

    async def next(self, *, seconds: float = 20) -> tuple[str, object]:
        """The next event and its data."""
        with anyio.fail_after(seconds):
            line = await self._lines.receive_until(b"\n", MAX_LINE)
        heard: dict[str, object] = json.loads(line)
        return str(heard["event"]), heard["data"]

    async def hears(self, event: str, *, seconds: float = 20) -> object:
        """The data of the next event, which must be this one."""
        heard, data = await self.next(seconds=seconds)
        assert heard == event, (heard, data)
        return data


@asynccontextmanager
async def node_client(folder: Path, url: str, identifier: Mapping[str, object]) -> AsyncIterator[NodeClient]:
    """The client, connecting to a cable with one subscription; it ends with the block."""
    command = [find_tool("node") or "node", "client.js", url, json.dumps(identifier)]
    async with await anyio.open_process(command, cwd=folder, stderr=None) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield NodeClient(BufferedByteReceiveStream(process.stdout), process.stdin)
        finally:
            process.kill()
