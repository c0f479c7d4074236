"""A cable client for tests, on the `websockets` library: it says commands as text and hears messages as JSON."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

EVENTS = json.dumps({"channel": "EventsChannel"})
PROTOCOLS = (Subprotocol("actioncable-v1-json"), Subprotocol("actioncable-unsupported"))
EXTENDED = (Subprotocol("actioncable-v1-ext-json"),)


class CableClient:
    """One connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, command: str, identifier: str, **more: object) -> None:
        """Send a command."""
        await self.socket.send(json.dumps({"command": command, "identifier": identifier, **more}))

    async def hear(self, *, seconds: float = 20) -> dict[str, object]:
        """The next message that is no ping."""
        with anyio.fail_after(seconds):
            while True:
                heard = await self.socket.recv()
                message: dict[str, object] = json.loads(heard)
                if message.get("type") != "ping":
                    return message

    async def subscribe(self, identifier: str = EVENTS, **more: object) -> None:
        """Subscribe, and hear that it stands."""
        await self.say("subscribe", identifier, **more)
        assert await self.hear() == {"identifier": identifier, "type": "confirm_subscription"}

    async def ends(self, *, seconds: float = 20) -> int | None:
        """Wait for the end of the connection, whatever comes before it; its close code."""
        with anyio.fail_after(seconds), suppress(ConnectionClosed):
            while True:
                await self.socket.recv()
        return self.socket.close_code


@asynccontextmanager
async def cable(
    url: str, *, welcome: bool = True, origin: str | None = None, extended: bool = False
) -> AsyncIterator[CableClient]:
    """A connection to a cable that welcomed us."""
    headers: Mapping[str, str] = {"origin": origin} if origin else {}
    protocols = EXTENDED if extended else PROTOCOLS
    async with connect(url, subprotocols=protocols, additional_headers=headers, proxy=None, max_size=None) as socket:
        client = CableClient(socket)
        if welcome:
            said = await client.hear()
            assert (said["type"], "sid" in said) == ("welcome", extended)
        yield client
