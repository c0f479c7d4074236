"""Groups: making them, who comes and goes, topics, upgrades."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject, body_of, json_response
from chaskiq_telegram.sandbox.customers import group_acts
from chaskiq_telegram.sandbox.customers.bodies import BotStatus, Joining, NewGroup, NewTopic, Sender
from chaskiq_telegram.sandbox.customers.people import Place, keep_person
from chaskiq_telegram.sandbox.customers.requests import bot_of, chat_id_of, known_chat
from chaskiq_telegram.sandbox.ids import whole_number
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox


class GroupRoutes:
    """Answers for groups."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        group = "/sandbox/bots/{token}/groups"
        one = group + "/{chat_id}"
        return [
            Route(group, self.make, methods=["POST"]),
            Route(one + "/bot", self.set_bot_status, methods=["POST"]),
            Route(one + "/join", self.join, methods=["POST"]),
            Route(one + "/leave", self.leave, methods=["POST"]),
            Route(one + "/topics", self.begin_topic, methods=["POST"]),
            Route(one + "/topics/{thread_id}/close", self.close_topic, methods=["POST"]),
            Route(one + "/topics/{thread_id}/reopen", self.reopen_topic, methods=["POST"]),
            Route(one + "/migrate", self.migrate, methods=["POST"]),
        ]

    async def make(self, request: Request) -> Response:
        new = NewGroup.model_validate(await body_of(request))
        chat = group_acts.make_group(
            self._sandbox,
            bot_of(self._sandbox, request),
            new.title,
            new.type,
            [member.model_dump(exclude_none=True) for member in new.members],
            is_forum=new.is_forum,
            status=new.bot,
        )
        return json_response({"chat_id": chat["id"], "chat": chat}, status=201)

    async def set_bot_status(self, request: Request) -> Response:
        wanted = BotStatus.model_validate(await body_of(request))
        update_id = group_acts.set_bot_status(self._place(request, wanted.sender), wanted.status)
        return json_response({"update_id": update_id})

    async def join(self, request: Request) -> Response:
        place, person = self._coming(request, Joining.model_validate(await body_of(request)))
        return json_response({"update_id": group_acts.join(place, person)})

    async def leave(self, request: Request) -> Response:
        place, person = self._coming(request, Joining.model_validate(await body_of(request)))
        return json_response({"update_id": group_acts.leave(place, person)})

    async def begin_topic(self, request: Request) -> Response:
        new = NewTopic.model_validate(await body_of(request))
        thread_id, update_id = group_acts.begin_topic(self._place(request, new.sender), new.name)
        return json_response({"thread_id": thread_id, "update_id": update_id}, status=201)

    async def close_topic(self, request: Request) -> Response:
        return await self._set_closed(request, is_closed=True)

    async def reopen_topic(self, request: Request) -> Response:
        return await self._set_closed(request, is_closed=False)

    async def migrate(self, request: Request) -> Response:
        chat_id, update_ids = group_acts.migrate(self._place(request, self._creator(request)))
        return json_response({"chat_id": chat_id, "update_ids": list[Json](update_ids)})

    async def _set_closed(self, request: Request, *, is_closed: bool) -> Response:
        thread_id = whole_number(request.path_params["thread_id"]) or 0
        place = self._place(request, self._creator(request))
        return json_response({"update_id": group_acts.close_topic(place, thread_id, is_closed=is_closed)})

    def _creator(self, request: Request) -> Sender:
        bot, chat_id = bot_of(self._sandbox, request), chat_id_of(request)
        members = self._sandbox.groups.members(bot.id, chat_id)
        creators = [user_id for user_id, status in members.items() if status == "creator"]
        people = [user_id for user_id in members if user_id != bot.id]
        if not people:
            raise CustomerApiError(409, "nobody is in this group")
        return Sender(id=(creators or people)[0])

    def _coming(self, request: Request, joining: Joining) -> tuple[Place, JsonObject]:
        person = keep_person(self._sandbox, joining.person.model_dump(exclude_none=True))
        return self._place(request, joining.sender or joining.person), person

    def _place(self, request: Request, sender: Sender) -> Place:
        bot = bot_of(self._sandbox, request)
        chat = known_chat(self._sandbox, request, bot.id)
        if chat.chat.get("type") not in ("group", "supergroup"):
            raise CustomerApiError(409, "this is no group")
        person = keep_person(self._sandbox, sender.model_dump(exclude_none=True))
        return Place(sandbox=self._sandbox, bot=bot, chat=chat, person=person)
