"""A sandbox in memory, and a client that reaches it without a port."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chaskiq_plugins.whatsapp.tests.sandbox.whatsapp_playing import HOOK, NUMBER, TOKEN, Playing, Receiver
from chaskiq_whatsapp.sandbox import WhatsAppSandbox, app_of


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def sandbox(receiver: Receiver) -> AsyncIterator[WhatsAppSandbox]:
    """Delivers to the receiver, and never waits long to try again."""
    sandbox = WhatsAppSandbox(
        webhook_transport=httpx.ASGITransport(receiver.app), first_retry_seconds=0.001, longest_retry_seconds=0.004
    )
    async with sandbox.running():
        sandbox.numbers.add(NUMBER, {"hook_url": HOOK})
        yield sandbox


@pytest.fixture
async def playing(sandbox: WhatsAppSandbox) -> AsyncIterator[Playing]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app_of(sandbox)),
        base_url="http://sandbox",
        headers={"authorization": f"Bearer {TOKEN}"},
    ) as http:
        yield Playing(http)
