"""What all tests of the plugin need."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
