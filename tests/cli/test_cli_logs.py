"""How the server logs: lines for people, or JSON; a stranger's words can't end a line."""

import io
import json
import logging

import pytest

from chaskiq_server.logs import JsonLines, PlainLines

HOSTILE = "he wrote: a\n2026-01-01 00:00:00 ERROR chaskiq: forged\r\x1b[31m"


def a_line(formatter: logging.Formatter, *, failed: bool = False) -> str:
    """What is written of one warning."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("chaskiq.test")
    logger.addHandler(handler)
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        logger.warning("%s", HOSTILE, exc_info=failed, extra={"route": "/healthz"})
    return stream.getvalue()


def test_a_plain_line_stays_one_line() -> None:
    written = a_line(PlainLines())

    assert written.count("\n") == 1
    assert " WARNING chaskiq.test: he wrote: a\\n2026-01-01" in written
    assert "\x1b" not in written


def test_a_traceback_follows_on_lines_of_its_own() -> None:
    written = a_line(PlainLines(), failed=True)

    assert written.splitlines()[1] == "Traceback (most recent call last):"
    assert written.splitlines()[-1] == "RuntimeError: boom"


@pytest.mark.parametrize("failed", [False, True])
def test_a_json_line_holds_what_was_given(failed: bool) -> None:
    written = a_line(JsonLines(), failed=failed)

    shown = json.loads(written)
    assert written.count("\n") == 1
    assert (shown["level"], shown["logger"], shown["message"]) == ("warning", "chaskiq.test", HOSTILE)
    assert shown["route"] == "/healthz"
    assert ("RuntimeError: boom" in shown.get("error", "")) == failed
