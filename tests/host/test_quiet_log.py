"""A provider's URL, which may hold a token, is in no log of ours; an embedder's own requests are logged as before."""

import logging

import httpx
import pytest

from chaskiq_core.host.quiet_log import calling, quiet_log

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1/bot123:secret/getMe"


async def test_what_httpx_says_of_a_plugin_s_call_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as http:
        with quiet_log():
            with calling():
                await http.get(URL)
            assert "secret" not in caplog.text
            await http.get("http://127.0.0.1/of-the-embedder")

    assert "of-the-embedder" in caplog.text
