"""Bots, their calls, faults, and the end of everything."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_telegram.sandbox.customers.bodies import NewBot
from chaskiq_telegram.sandbox.customers.raw_updates import push
from chaskiq_telegram.sandbox.customers.requests import body_of, bot_of, look, number_of
from chaskiq_telegram.sandbox.errors import CustomerApiError
from chaskiq_telegram.sandbox.faulty.faults import Fault
from chaskiq_telegram.sandbox.json_value import Json
from chaskiq_telegram.sandbox.methods.parameters import TRUE_WORDS
from chaskiq_telegram.sandbox.responses import json_response
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox


class BotRoutes:
    """What is done with the sandbox rather than in it."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        bot = "/sandbox/bots/{token}"
        return [
            Route("/sandbox/bots", self.bots),
            Route("/sandbox/bots", self.add_bot, methods=["POST"]),
            Route(bot + "/revoke", self.revoke, methods=["POST"]),
            Route(bot + "/updates", self.push, methods=["POST"]),
            Route("/sandbox/calls", self.calls),
            Route("/sandbox/faults", self.add_fault, methods=["POST"]),
            Route("/sandbox/faults", self.faults),
            Route("/sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/sandbox/reset", self.reset, methods=["POST"]),
        ]

    async def bots(self, request: Request) -> Response:
        """Every bot, in the order of their coming."""
        return json_response({"bots": [{"token": token, "bot": bot.user} for token, bot in self._sandbox.state.bots()]})

    async def add_bot(self, request: Request) -> Response:
        new = NewBot.model_validate(await body_of(request))
        try:
            bot = self._sandbox.add_bot(new.token, first_name=new.first_name, username=new.username)
        except ValueError as error:
            raise CustomerApiError(422, str(error)) from None
        return json_response({"bot": bot.user}, status=201)

    async def revoke(self, request: Request) -> Response:
        bot_of(self._sandbox, request)
        self._sandbox.revoke(request.path_params["token"])
        return json_response({"revoked": True})

    async def push(self, request: Request) -> Response:
        update_id = push(self._sandbox, bot_of(self._sandbox, request), await body_of(request))
        return json_response({"update_id": update_id}, status=201)

    async def calls(self, request: Request) -> Response:
        """`method` and `accepted` narrow the log down, `after` continues it."""
        accepted = request.query_params.get("accepted")

        def see() -> list[Json]:
            return list[Json](
                self._sandbox.calls.entries(
                    after=number_of(request, "after"),
                    method=request.query_params.get("method"),
                    is_accepted=None if accepted is None else accepted.lower() in TRUE_WORDS,
                )
            )

        return json_response({"calls": await look(self._sandbox, request, see, bool)})

    async def add_fault(self, request: Request) -> Response:
        self._sandbox.faults.add(Fault.model_validate(await body_of(request)))
        return self._shown_faults(status=201)

    async def faults(self, request: Request) -> Response:
        return self._shown_faults()

    async def clear_faults(self, request: Request) -> Response:
        self._sandbox.clear_faults()
        return self._shown_faults()

    async def reset(self, request: Request) -> Response:
        self._sandbox.reset()
        return json_response({"reset": True})

    def _shown_faults(self, *, status: int = 200) -> Response:
        shown = [fault.model_dump(mode="json") for fault in self._sandbox.faults.all]
        return json_response({"faults": list[Json](shown)}, status=status)
