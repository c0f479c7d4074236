"""Bots: their list, a new one, a revoked token, an update that is pushed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import CustomerApiError, body_of, json_response
from chaskiq_telegram.sandbox.customers.bodies import NewBot
from chaskiq_telegram.sandbox.customers.raw_updates import push
from chaskiq_telegram.sandbox.customers.requests import bot_of
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
