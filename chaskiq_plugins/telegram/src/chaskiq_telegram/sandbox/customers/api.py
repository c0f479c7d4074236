"""The JSON API under `/sandbox`: every path, and who answers it."""

from starlette.routing import Route

from chaskiq_core.testing.sandbox import ControlRoutes, JsonObject
from chaskiq_telegram.sandbox.customers.bot_routes import BotRoutes
from chaskiq_telegram.sandbox.customers.chat_routes import ChatRoutes
from chaskiq_telegram.sandbox.customers.group_routes import GroupRoutes
from chaskiq_telegram.sandbox.customers.message_routes import MessageRoutes
from chaskiq_telegram.sandbox.faults import Fault
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox


class CustomerApi:
    """Answers `/sandbox/…`; errors that it raises become `{"error": "…"}`."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        """Every path; tokens stand in them as in the Bot API's own."""
        groups = (BotRoutes, MessageRoutes, ChatRoutes, GroupRoutes)
        own = [route for group in groups for route in group(self._sandbox).routes]
        return [*own, *_Controls(self._sandbox, Fault).routes]


class _Controls(ControlRoutes[Fault]):
    """The controls of every sandbox, with the bot's id where a call's account stands."""

    def shown(self, entry: JsonObject) -> JsonObject:
        return {"bot_id" if name == "account" else name: value for name, value in entry.items()} | {
            "bot_id": int(str(entry["account"]))
        }
