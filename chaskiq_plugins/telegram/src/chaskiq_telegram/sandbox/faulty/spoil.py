"""What a fault does to a call's answer."""

from collections.abc import Callable
from functools import partial
from typing import assert_never

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from chaskiq_telegram.sandbox.errors import TITLES, BotApiError, chat_migrated, too_many_requests
from chaskiq_telegram.sandbox.faulty.faults import Fault, FaultKind
from chaskiq_telegram.sandbox.responses import ConnectionReset, refusal
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox
from chaskiq_telegram.sandbox.tasks import first_of

GARBAGE_PAGE = "<html><head><title>Welcome</title></head><body>Please sign in to this network."


async def spoil(
    fault: Fault, request: Request, sandbox: TelegramSandbox, carry_out: Callable[[], Response] | None = None
) -> Response:
    """The answer that the caller gets; the call is carried out first if there is a way to."""
    answer = carry_out() if carry_out else None
    match fault.kind:
        case FaultKind.TOO_MANY_REQUESTS:
            return refusal(too_many_requests(fault.retry_after, fault.description))
        case FaultKind.CHAT_MIGRATED:
            return refusal(chat_migrated(fault.migrate_to_chat_id, fault.description))
        case FaultKind.GARBAGE:
            return HTMLResponse(GARBAGE_PAGE)
        case FaultKind.RESET_BEFORE | FaultKind.RESET_AFTER:
            return ConnectionReset()
        case FaultKind.HANG:
            await keep_waiting(fault.seconds, request, sandbox)
            return ConnectionReset()
        case FaultKind.SLOW:
            await keep_waiting(fault.seconds, request, sandbox)
            return answer or ConnectionReset()
        case (
            FaultKind.BAD_REQUEST
            | FaultKind.UNAUTHORIZED
            | FaultKind.FORBIDDEN
            | FaultKind.NOT_FOUND
            | FaultKind.CONFLICT
            | FaultKind.TOO_LARGE
            | FaultKind.SERVER_ERROR
            | FaultKind.BAD_GATEWAY
            | FaultKind.UNAVAILABLE
            | FaultKind.GATEWAY_TIMEOUT
        ):
            code = int(fault.kind)
            return refusal(BotApiError(code, fault.description or TITLES[code]))
        case (
            FaultKind.BROKEN_OFF
            | FaultKind.TRICKLE
            | FaultKind.WRONG_LENGTH
            | FaultKind.DUPLICATE
            | FaultKind.HOLD
            | FaultKind.LOST_ANSWER
        ):
            raise AssertionError("no method's fault: see Fault.matches")
        case _:
            assert_never(fault.kind)


async def keep_waiting(seconds: float, request: Request, sandbox: TelegramSandbox) -> None:
    """Until the time is over, the caller has gone, or the sandbox closes."""
    await first_of(partial(sandbox.pause, seconds), partial(_gone, request), sandbox.closing.wait)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
