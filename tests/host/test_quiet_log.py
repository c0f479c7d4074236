"""A provider's URL, which may hold a token, is in no log of ours; an embedder's own requests are logged as before."""

import logging

import httpx
import pytest

from chaskiq_core.host.quiet_log import calling, plugin_log, quiet_log
from chaskiq_core.host.redact import Redactor
from chaskiq_core.secrets import MASK

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1/bot123:secret/getMe"


async def test_what_httpx_says_of_a_plugin_s_call_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as http:
        with quiet_log():
            with calling(Redactor(["secret"])):
                await http.get(URL)
            assert "secret" not in caplog.text
            await http.get("http://127.0.0.1/of-the-embedder")

    assert "of-the-embedder" in caplog.text


async def test_what_a_plugin_logs_during_a_call_is_without_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    log = plugin_log("telegram")

    with calling(Redactor(["hunter2"])):
        log.info("asking %s", "http://127.0.0.1/bothunter2/getMe")
        try:
            raise RuntimeError("hunter2 was refused")
        except RuntimeError:
            log.exception("it failed")
    log.info("hunter2 is nobody's secret here")

    first, second, third = caplog.messages
    assert first == f"asking http://127.0.0.1/bot{MASK}/getMe"
    assert f"RuntimeError: {MASK} was refused" in second
    assert caplog.records[1].exc_info is None
    assert "hunter2" in third
