"""What tests of the host share: a host with short limits."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chaskiq_core.host.call import Host, Limits


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    """A host whose children may parse for a second."""
    async with httpx.AsyncClient() as http:
        yield Host(http, Limits(receive_seconds=20, parse_seconds=1))
