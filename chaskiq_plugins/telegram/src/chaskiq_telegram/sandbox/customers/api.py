"""The JSON API under `/sandbox`: every path, and who answers it."""

from starlette.routing import Route

from chaskiq_telegram.sandbox.customers.bot_routes import BotRoutes
from chaskiq_telegram.sandbox.customers.chat_routes import ChatRoutes
from chaskiq_telegram.sandbox.customers.group_routes import GroupRoutes
from chaskiq_telegram.sandbox.customers.message_routes import MessageRoutes
from chaskiq_telegram.sandbox.customers.requests import explain
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

__all__ = ["CustomerApi", "explain"]


class CustomerApi:
    """Answers `/sandbox/…`; errors that it raises become `{"error": "…"}`."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        """Every path; tokens stand in them as in the Bot API's own."""
        groups = (BotRoutes, MessageRoutes, ChatRoutes, GroupRoutes)
        return [route for group in groups for route in group(self._sandbox).routes]
