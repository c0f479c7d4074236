"""Fails an act that does I/O: nothing may wait, on the network or a file, while a transaction is open."""

import sys
from types import FrameType

from chaskiq_core.store.call import running_act

FORBIDDEN = frozenset({"socket.connect", "open", "subprocess.Popen", "os.system", "time.sleep", "socket.getaddrinfo"})


class IoInActError(BaseException):
    """An act did I/O. Not an Exception, so that no handler hides it."""


def _listen(event: str, args: tuple[object, ...]) -> None:
    if event in FORBIDDEN and (act := running_act.get()) is not None and not _is_an_import():
        raise IoInActError(f"{act} does I/O in its transaction: {event}{args!r:.200}")


def _is_an_import() -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        # not every frozen frame: `python -m pytest` begins in <frozen runpy>
        if "importlib" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def guard_acts() -> None:
    """Start listening; it can't be undone in this process."""
    sys.addaudithook(_listen)
