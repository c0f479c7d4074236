"""What the provider on this machine took: read from beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from bench.servers.process import ServerProcess
from bench.servers.provider import RECORD_PATH
from bench.updates import LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that the provider took."""

    at: float
    """Seconds of the machine's monotonic clock."""
    chat: str
    text: str


@dataclass(slots=True)
class Record:
    """All that it took so far, and how often it refused one."""

    url: str
    client: httpx.AsyncClient
    taken: list[Taken] = field(default_factory=list)
    refused: int = 0

    async def refresh(self) -> None:
        """Ask it for what is new."""
        answer = await self.client.get(f"{self.url}{RECORD_PATH}", params={"skip": len(self.taken)})
        told = answer.json()
        self.taken += [Taken(at=at, chat=chat, text=text) for at, chat, text in told["taken"]]
        self.refused = told["refused"]


@asynccontextmanager
async def recorded(provider: ServerProcess) -> AsyncIterator[Record]:
    """The record of a provider that has taken nothing yet, which is awake from now on."""
    provider.wake()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        yield Record(url=f"http://{LOOPBACK}:{provider.port}", client=client)
