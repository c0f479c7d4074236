"""What people do with messages: send, edit, delete, react, press."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject, body_of, json_response, look
from chaskiq_telegram.sandbox.customers import correcting
from chaskiq_telegram.sandbox.customers.bodies import Act, CustomerMessage, Edit, PressButton, React
from chaskiq_telegram.sandbox.customers.contents import file_contents, plain_content
from chaskiq_telegram.sandbox.customers.people import Place, place_of
from chaskiq_telegram.sandbox.customers.requests import body_and_files, bot_of, chat_id_of
from chaskiq_telegram.sandbox.customers.writing import Context, write
from chaskiq_telegram.sandbox.ids import whole_number
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox


class MessageRoutes:
    """Answers for messages."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        bot = "/sandbox/bots/{token}"
        message = bot + "/chats/{chat_id}/messages/{message_id}"
        return [
            Route(bot + "/messages", self.write, methods=["POST"]),
            Route(message + "/edit", self.edit, methods=["POST"]),
            Route(message + "/delete", self.delete, methods=["POST"]),
            Route(message + "/react", self.react, methods=["POST"]),
            Route(message + "/press", self.press, methods=["POST"]),
            Route(bot + "/presses/{query_id}", self.answer),
        ]

    async def write(self, request: Request) -> Response:
        bot = bot_of(self._sandbox, request)
        async with body_and_files(self._sandbox, request) as (body, came):
            sent = CustomerMessage.model_validate(body)
            with self._sandbox.database.transaction():
                place = self._place(request, sent, sent.chat_id)
                contents = file_contents(self._sandbox.files, bot.id, sent, came) if came else [plain_content(sent)]
                context = Context(reply_to=sent.reply_to, quote=sent.quote, thread_id=sent.thread_id)
                written = write(place, contents, context)
        shown: JsonObject = {
            "update_id": written[0].update_id,
            "message_id": written[0].message["message_id"],
            "message": written[0].message,
        }
        if len(written) > 1:
            shown["messages"] = [each.message for each in written]
            shown["update_ids"] = [each.update_id for each in written]
        return json_response(shown, status=201)

    async def edit(self, request: Request) -> Response:
        wanted = Edit.model_validate(await body_of(request))
        place = self._place(request, wanted, chat_id_of(request))
        update_id, message = correcting.edit(place, _message_id(request), wanted.text)
        return json_response({"update_id": update_id, "message": message})

    async def delete(self, request: Request) -> Response:
        place = self._place(request, Act.model_validate(await body_of(request)), chat_id_of(request))
        return json_response({"update_id": correcting.delete(place, _message_id(request))})

    async def react(self, request: Request) -> Response:
        wanted = React.model_validate(await body_of(request))
        place = self._place(request, wanted, chat_id_of(request))
        return json_response({"update_id": correcting.react(place, _message_id(request), wanted.emoji)})

    async def press(self, request: Request) -> Response:
        wanted = PressButton.model_validate(await body_of(request))
        place = self._place(request, wanted, chat_id_of(request))
        query_id, update_id = correcting.press(place, _message_id(request), data=wanted.data, text=wanted.text)
        return json_response({"callback_query_id": query_id, "update_id": update_id}, status=201)

    async def answer(self, request: Request) -> Response:
        """What the bot said to a press; `wait` waits until it has."""
        bot = bot_of(self._sandbox, request)

        def see() -> Json:
            press = self._sandbox.presses.find(bot.id, request.path_params["query_id"])
            if press is None:
                raise CustomerApiError(404, "nobody pressed under this id")
            return press.answer

        answer = await look(self._sandbox, request, see, lambda seen: seen is not None)
        return json_response({"answer": answer})

    def _place(self, request: Request, act: Act, chat_id: int | None) -> Place:
        sender: JsonObject = act.sender.model_dump(exclude_none=True)
        bot = bot_of(self._sandbox, request)
        return place_of(self._sandbox, bot, sender, chat_id, act.business_connection_id)


def _message_id(request: Request) -> int:
    message_id = whole_number(request.path_params["message_id"])
    if message_id is None:
        raise CustomerApiError(404, "a message's id is a whole number")
    return message_id
