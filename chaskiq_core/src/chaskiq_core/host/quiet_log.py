"""Keeps secrets out of logs while a plugin is called: httpx's own says nothing, what the plugin says is redacted.

A provider's URLs may hold a token; Telegram's do.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chaskiq_core.host.redact import Redactor

LOGGERS = ("httpx", "httpcore")
_calling: ContextVar[Redactor | None] = ContextVar("chaskiq_calling_a_plugin", default=None)


class _Quiet(logging.Filter):
    """Drops what is said during our own calls; an embedder's other requests are logged as before."""

    def filter(self, record: logging.LogRecord) -> bool:
        return _calling.get() is None


@contextmanager
def quiet_log() -> Iterator[None]:
    """The loggers of the HTTP client filtered for the length of the block: a hub's life."""
    quiet = _Quiet()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    # A filter of a logger is not asked for what its children say: httpcore logs through them.
    loggers += [logging.getLogger(f"httpcore.{name}") for name in ("connection", "http11", "http2", "proxy", "socks")]
    for logger in loggers:
        logger.addFilter(quiet)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(quiet)


class _Redacted(logging.Filter):
    """Rewrites what a plugin says during a call."""

    def filter(self, record: logging.LogRecord) -> bool:
        redact = _calling.get()
        if redact is not None:
            told = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                told = "\n".join([told, *traceback.format_exception(record.exc_info[1])])
            record.msg, record.args, record.exc_info = redact(told), (), None
        return True


_redacted = _Redacted()


def plugin_log(name: str) -> logging.Logger:
    """The logger that a plugin is given."""
    logger = logging.getLogger(f"chaskiq.plugin.{name}")
    logger.addFilter(_redacted)
    return logger


@contextmanager
def calling(redact: Redactor) -> Iterator[None]:
    """A plugin is being called in this task, with secrets that `redact` hides."""
    mark = _calling.set(redact)
    try:
        yield
    finally:
        _calling.reset(mark)
