"""Keeps provider URLs out of httpx's own log while a plugin is called: they may hold a token (Telegram's do)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LOGGERS = ("httpx", "httpcore")
_calling = ContextVar("chaskiq_calling_a_plugin", default=False)


class _Quiet(logging.Filter):
    """Drops what is said during our own calls; an embedder's other requests are logged as before."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _calling.get()


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


@contextmanager
def calling() -> Iterator[None]:
    """A plugin is being called in this task."""
    mark = _calling.set(True)
    try:
        yield
    finally:
        _calling.reset(mark)
