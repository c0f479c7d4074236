"""The JSON API under `/sandbox`: act as a customer, look at what bots did, set faults."""

from collections.abc import Callable

import anyio
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_telegram.sandbox.customers import acts as customers
from chaskiq_telegram.sandbox.errors import BotApiError, CustomerApiError
from chaskiq_telegram.sandbox.faulty.faults import Fault
from chaskiq_telegram.sandbox.json_value import Json, JsonObject, integer_at, object_at, read_object, whole_number
from chaskiq_telegram.sandbox.memory.state import Bot, StoredMessage
from chaskiq_telegram.sandbox.methods.parameters import TRUE_WORDS
from chaskiq_telegram.sandbox.responses import json_response
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox
from chaskiq_telegram.sandbox.tasks import first_of

LONGEST_WAIT_SECONDS = 60.0


class Sender(BaseModel):
    """Who writes; what is left out stays as it is known."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(gt=0, lt=1 << 52)
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_premium: bool | None = None


class CustomerMessage(BaseModel):
    """What a person sends."""

    model_config = ConfigDict(extra="forbid")

    sender: Sender = Field(alias="from")
    text: str
    reply_to: int | None = None  # a message_id of the same chat


class NewBot(BaseModel):
    """A bot with a name; without this call a token's bot gets one that is made up."""

    model_config = ConfigDict(extra="forbid")

    token: str
    first_name: str | None = None
    username: str | None = None


class CustomerApi:
    """Answers `/sandbox/…`; errors that it raises become `{"error": "…"}`."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        """Every path; tokens stand in them as in the Bot API's own."""
        bot = "/sandbox/bots/{token}"
        chat = bot + "/chats/{chat_id}"
        return [
            Route("/sandbox/bots", self.add_bot, methods=["POST"]),
            Route(bot + "/revoke", self.revoke, methods=["POST"]),
            Route(bot + "/messages", self.write, methods=["POST"]),
            Route(bot + "/updates", self.push, methods=["POST"]),
            Route(chat + "/messages", self.conversation),
            Route(chat + "/block", self.block, methods=["POST"]),
            Route(chat + "/unblock", self.unblock, methods=["POST"]),
            Route("/sandbox/calls", self.calls),
            Route("/sandbox/faults", self.add_fault, methods=["POST"]),
            Route("/sandbox/faults", self.faults),
            Route("/sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/sandbox/reset", self.reset, methods=["POST"]),
        ]

    async def add_bot(self, request: Request) -> Response:
        new = NewBot.model_validate(await _body(request))
        try:
            bot = self._sandbox.add_bot(new.token, first_name=new.first_name, username=new.username)
        except ValueError as error:
            raise CustomerApiError(422, str(error)) from None
        return json_response({"bot": bot.user}, status=201)

    async def revoke(self, request: Request) -> Response:
        self._bot(request)
        self._sandbox.revoke(request.path_params["token"])
        return json_response({"revoked": True})

    async def write(self, request: Request) -> Response:
        sent = CustomerMessage.model_validate(await _body(request))
        sender: JsonObject = sent.sender.model_dump(exclude_none=True)
        written = customers.write(self._sandbox, self._bot(request), sender, sent.text, reply_to=sent.reply_to)
        shown: JsonObject = {"update_id": written.update_id, "message_id": written.message["message_id"]}
        return json_response(shown | {"message": written.message}, status=201)

    async def push(self, request: Request) -> Response:
        update_id = customers.push(self._sandbox, self._bot(request), await _body(request))
        return json_response({"update_id": update_id}, status=201)

    async def conversation(self, request: Request) -> Response:
        bot, chat_id, after = self._bot(request), _chat_id(request), _number(request, "after")

        def look() -> list[Json]:
            messages = self._sandbox.state.conversation(bot.id, chat_id, after=after)
            return [_shown(message) for message in messages]

        return json_response({"messages": await self._look(request, look)})

    async def block(self, request: Request) -> Response:
        return self._set_blocked(request, is_blocked=True)

    async def unblock(self, request: Request) -> Response:
        return self._set_blocked(request, is_blocked=False)

    async def calls(self, request: Request) -> Response:
        """`method` and `accepted` narrow the log down, `after` continues it."""
        accepted = request.query_params.get("accepted")

        def look() -> list[Json]:
            return list[Json](
                self._sandbox.calls.entries(
                    after=_number(request, "after"),
                    method=request.query_params.get("method"),
                    is_accepted=None if accepted is None else accepted.lower() in TRUE_WORDS,
                )
            )

        return json_response({"calls": await self._look(request, look)})

    async def add_fault(self, request: Request) -> Response:
        self._sandbox.faults.add(Fault.model_validate(await _body(request)))
        return self._shown_faults(status=201)

    async def faults(self, request: Request) -> Response:
        return self._shown_faults()

    async def clear_faults(self, request: Request) -> Response:
        self._sandbox.faults.clear()
        return self._shown_faults()

    async def reset(self, request: Request) -> Response:
        self._sandbox.reset()
        return json_response({"reset": True})

    def _bot(self, request: Request) -> Bot:
        try:
            return self._sandbox.bot_of(request.path_params["token"])
        except BotApiError as error:
            raise CustomerApiError(404, "no such bot: its token is malformed, unknown or revoked") from error

    def _set_blocked(self, request: Request, *, is_blocked: bool) -> Response:
        bot, chat_id = self._bot(request), _chat_id(request)
        update_id = customers.set_blocked(self._sandbox, bot, chat_id, is_blocked=is_blocked)
        return json_response({"blocked": is_blocked, "update_id": update_id})

    def _shown_faults(self, *, status: int = 200) -> Response:
        shown = [fault.model_dump(mode="json") for fault in self._sandbox.faults.all]
        return json_response({"faults": list[Json](shown)}, status=status)

    async def _look(self, request: Request, look: Callable[[], list[Json]]) -> list[Json]:
        """What there is to see; with `wait`, up to so many seconds until there is something."""
        with anyio.move_on_after(min(float(_number(request, "wait")), LONGEST_WAIT_SECONDS)):
            while True:
                rung = self._sandbox.news.rung
                if seen := look():
                    return seen
                await first_of(rung.wait, self._sandbox.closing.wait)
                if self._sandbox.closing.is_set():
                    break
        return look()


async def _body(request: Request) -> JsonObject:
    try:
        return read_object(await request.body())
    except ValueError:
        raise CustomerApiError(422, "the body must be a JSON object") from None


def _number(request: Request, name: str) -> int:
    number = whole_number(request.query_params.get(name, "0"))
    if number is None:
        raise CustomerApiError(422, f"{name} must be a whole number")
    return number


def _chat_id(request: Request) -> int:
    chat_id = whole_number(request.path_params["chat_id"])
    if chat_id is None:
        raise CustomerApiError(404, "a chat's id is a whole number")
    return chat_id


def _shown(stored: StoredMessage) -> JsonObject:
    message = stored.message
    return {
        "message_id": stored.message_id,
        "direction": stored.direction,
        "from": message.get("from"),
        "date": message.get("date"),
        "text": message.get("text", message.get("caption")),
        "entities": message.get("entities", message.get("caption_entities", [])),
        "reply_to": integer_at(object_at(message, "reply_to_message"), "message_id"),
    }


def explain(error: ValidationError) -> str:
    """Pydantic's findings in one sentence."""
    return "; ".join(f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}" for found in error.errors())
