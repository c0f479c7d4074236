"""What a fault does to a call's answer over HTTP."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from chaskiq_core.testing.sandbox.faults import Fault, FaultKind
from chaskiq_core.testing.sandbox.responses import ConnectionReset
from chaskiq_core.testing.sandbox.tasks import first_of

GARBAGE_PAGE = "<html><head><title>Welcome</title></head><body>Please sign in to this network."
F = TypeVar("F", bound=Fault)


class Patience(Protocol):
    """How a sandbox waits; the sandbox itself will do."""

    closing: anyio.Event  # set when calls that hang must let go

    @property
    def pause(self) -> Callable[[float], Awaitable[None]]:
        """Waits so many seconds."""
        ...


async def spoil(
    fault: F,
    request: Request,
    patience: Patience,
    refuse: Callable[[F], Response],
    carry_out: Callable[[], Response] | None = None,
) -> Response:
    """The answer that the caller gets; the call is carried out first if there is a way to.

    `refuse` words what the provider says: the statuses, and the kinds that are the provider's own.
    """
    answer = carry_out() if carry_out else None
    match fault.kind:
        case FaultKind.GARBAGE:
            return HTMLResponse(GARBAGE_PAGE)
        case FaultKind.RESET_BEFORE | FaultKind.RESET_AFTER:
            return ConnectionReset()
        case FaultKind.HANG:
            await keep_waiting(fault.seconds, request, patience)
            return ConnectionReset()
        case FaultKind.SLOW:
            await keep_waiting(fault.seconds, request, patience)
            return answer or ConnectionReset()
        case _:
            return refuse(fault)


async def keep_waiting(seconds: float, request: Request, patience: Patience) -> None:
    """Until the time is over, the caller has gone, or the sandbox closes."""
    await first_of(partial(patience.pause, seconds), partial(_gone, request), patience.closing.wait)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
