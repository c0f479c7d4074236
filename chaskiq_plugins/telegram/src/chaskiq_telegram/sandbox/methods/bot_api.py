"""The Bot API over HTTP: token, method and parameters in; the method's answer out, logged, or spoiled by a fault."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from chaskiq_core.testing.sandbox import JsonObject, LoggedCall, json_response, spoil
from chaskiq_telegram.sandbox.errors import BotApiError
from chaskiq_telegram.sandbox.faults import Fault, refuse
from chaskiq_telegram.sandbox.files.fetching import Fetcher
from chaskiq_telegram.sandbox.files.incoming import tray
from chaskiq_telegram.sandbox.methods.call import Call, Method
from chaskiq_telegram.sandbox.methods.parameters import Parameters, read_parameters
from chaskiq_telegram.sandbox.methods.table import find_method
from chaskiq_telegram.sandbox.refusals import refusal
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox


class BotApi:
    """Answers `/bot{token}/{method}`."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox
        self._fetcher = Fetcher()

    async def answer(self, request: Request) -> Response:
        """The whole story of one call; errors that come before the method are raised."""
        bot = self._sandbox.bot_of(request.path_params["token"])
        name, method = find_method(request.path_params["method"])
        async with tray(self._sandbox.files.folder) as files:
            values = await read_parameters(request, files)
            await self._fetcher.fetch(values, files)
            call = Call(sandbox=self._sandbox, bot=bot, parameters=Parameters(values), tray=files)
            return await self._answer(request, call, name, method)

    async def _answer(self, request: Request, call: Call, name: str, method: Method) -> Response:
        fault = self._sandbox.faults.take(name, call.parameters.values)
        if fault is None:
            return _carry_out(call, name, method)
        if not fault.is_carried_out:
            _log(call, name, {"ok": False, "fault": fault.kind}, is_accepted=False)
            return await spoil(fault, request, self._sandbox, refuse)
        return await spoil(fault, request, self._sandbox, refuse, partial(_carry_out, call, name, method, fault))


def _carry_out(call: Call, name: str, method: Method, fault: Fault | None = None) -> Response:
    """Run the method and log it, in one transaction."""
    noted: JsonObject = {"fault": fault.kind} if fault else {}
    with call.sandbox.database.transaction():
        try:
            answer = method(call)
        except BotApiError as error:
            _log(call, name, error.body | noted, is_accepted=False)
            return refusal(error)
        outcome = {key: value for key, value in answer.body.items() if key != "result"}
        _log(call, name, outcome | noted, is_accepted=True, message_ids=answer.message_ids)
    return json_response(answer.body)


def _log(call: Call, name: str, outcome: JsonObject, *, is_accepted: bool, message_ids: tuple[int, ...] = ()) -> None:
    call.sandbox.calls.add(
        LoggedCall(
            at=call.sandbox.now(),
            account=str(call.bot.id),
            method=name,
            parameters=call.parameters.values,
            is_accepted=is_accepted,
            outcome=outcome,
            message_ids=message_ids,
        )
    )
    call.sandbox.news.ring()
