"""A sandbox in memory, and a client that reaches it without a port."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chaskiq_plugins.telegram.tests.sandbox.playing import CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver
from chaskiq_telegram.sandbox import TelegramSandbox, app_of


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def receiver() -> Receiver:
    """A webhook; it answers 200 until told otherwise."""
    return Receiver()


@pytest.fixture
async def sandbox(receiver: Receiver) -> AsyncIterator[TelegramSandbox]:
    """Delivers to the receiver, and never waits long to try again."""
    sandbox = TelegramSandbox(
        webhook_transport=httpx.ASGITransport(receiver.app), first_retry_seconds=0.001, longest_retry_seconds=0.004
    )
    async with sandbox.running():
        yield sandbox


@pytest.fixture
async def client(sandbox: TelegramSandbox) -> AsyncIterator[CustomerClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http:
        yield CustomerClient(http)
