"""Fails code that does I/O where none may be done: `parse` and `route` are pure."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import FrameType

FORBIDDEN = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.bind", "open", "subprocess.Popen", "os.system", "time.sleep"}
)
_watched: ContextVar[bool] = ContextVar("chaskiq_pure", default=False)


class ImpureError(AssertionError):
    """A pure hook did I/O."""


@contextmanager
def no_io() -> Iterator[None]:
    """Whatever is called inside may not touch the network, a file or a process."""
    _install()
    token = _watched.set(True)
    try:
        yield
    finally:
        _watched.reset(token)


@cache
def _install() -> None:
    # an audit hook can't be taken away; it is one comparison where nothing is watched
    sys.addaudithook(_listen)


def _listen(event: str, args: tuple[object, ...]) -> None:
    if event in FORBIDDEN and _watched.get() and not _is_an_import():
        raise ImpureError(f"a pure hook did {event}{args!r:.120}")


def _is_an_import() -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        # not every frozen frame: `python -m pytest` begins in <frozen runpy>
        if "importlib" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False
