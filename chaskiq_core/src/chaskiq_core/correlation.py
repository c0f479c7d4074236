"""One id from a webhook, or a request, to all that follows from it: in logs, rows that carry work on, and spans.

A task says whose work it does with `correlated`; what it calls sees it by `correlation_id()`. Where work crosses a
transaction or a process, the row carries it: an inbound request by its own id, a Job and a Delivery in a column.
"""

import logging
import re
import secrets
from contextvars import ContextVar, Token
from types import TracebackType

ID_BYTES = 8
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,63}")
"""What a stranger may call a request: it stands in logs and comes back in a header."""
_current: ContextVar[str | None] = ContextVar("chaskiq_correlation_id", default=None)


def correlation_id() -> str | None:
    """Whose work this task does; None: nobody said."""
    return _current.get()


def new_correlation_id() -> str:
    """A random one, 16 characters."""
    return secrets.token_hex(ID_BYTES)


def is_sane(given: str) -> bool:
    """Whether what a stranger gave may be used as one."""
    return SANE.fullmatch(given) is not None


class correlated:
    """Within, this task works for that id."""

    __slots__ = ("_id", "_mark")

    def __init__(self, id_: str | None) -> None:
        self._id = id_
        self._mark: Token[str | None] | None = None

    def __enter__(self) -> None:
        self._mark = _current.set(self._id)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mark is not None:
            _current.reset(self._mark)


class CorrelationFilter(logging.Filter):
    """Of a handler: gives each record of ours its `correlation_id`, where there is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "correlation_id") and (current := _current.get()) is not None:
            record.correlation_id = current
        return True
