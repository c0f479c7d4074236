"""Running a pure hook in a child process that can be killed: a thread that spins can't be stopped."""

import importlib
import signal
from collections.abc import Sequence
from functools import cache

import anyio
from anyio import CapacityLimiter, to_process

from chaskiq_core.errors import ChaskiqError, PluginError, UnavailableError

CHILDREN = 2
"""How many children may run at once."""
START_SECONDS = 30.0
"""How long a child may take to start and to import the plugin."""


def call_in_child(entry: str, hook: str, calls: Sequence[tuple[object, ...]]) -> list[object]:
    """In the child: call the hook for each set of arguments; an error is a value, so that the others still count."""
    _leave_signals_to_the_parent()
    function = getattr(_load(entry), hook)
    results: list[object] = []
    for arguments in calls:
        try:
            results.append(function(*arguments))
        except ChaskiqError as error:
            results.append(error)
        except Exception as error:
            results.append(PluginError(f"{hook} raised {type(error).__name__}: {error}"))
    return results


async def run_in_child(
    entry: str, hook: str, calls: Sequence[tuple[object, ...]], *, timeout_seconds: float, limiter: CapacityLimiter
) -> list[object]:
    """The results, or errors, of a hook called in a child.

    Raises PluginError if it had to be killed at the limit or ended itself, UnavailableError if none could be started.
    """
    async with limiter:
        try:
            # The import of a fresh child is not the plugin's time; the next call takes the same idle child again.
            with anyio.fail_after(START_SECONDS):
                await to_process.run_sync(call_in_child, entry, hook, (), cancellable=True)
        except (TimeoutError, anyio.BrokenWorkerProcess) as error:
            raise UnavailableError(f"no process could be started to run {hook} in") from error
        try:
            with anyio.fail_after(timeout_seconds):
                return await to_process.run_sync(call_in_child, entry, hook, calls, cancellable=True)
        except TimeoutError:
            raise PluginError(f"{hook} took over {timeout_seconds:g} s and was killed") from None
        except anyio.BrokenWorkerProcess as error:
            raise PluginError(f"{hook} ended its process") from error


@cache
def _leave_signals_to_the_parent() -> None:
    """A terminal and a service manager tell all processes to stop: the parent first waits for what is in hand."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)


@cache
def _load(entry: str) -> object:
    module, _, attribute = entry.partition(":")
    loaded: object = importlib.import_module(module)
    for name in filter(None, attribute.split(".")):
        loaded = getattr(loaded, name)
    return loaded
