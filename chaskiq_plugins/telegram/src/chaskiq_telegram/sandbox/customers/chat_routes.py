"""Chats as people see them: their list, their messages, their files; and blocking."""

from collections.abc import Container

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject, body_of, json_response, look, number_of
from chaskiq_telegram.sandbox.customers.blocking import set_blocked
from chaskiq_telegram.sandbox.customers.bodies import BusinessConnection, Sender
from chaskiq_telegram.sandbox.customers.people import keep_person, private_chat
from chaskiq_telegram.sandbox.customers.requests import body_and_files, bot_of, chat_id_of, space_of
from chaskiq_telegram.sandbox.customers.showing import show_chat, show_message
from chaskiq_telegram.sandbox.files.media import Hints, keep_media
from chaskiq_telegram.sandbox.ids import integer_at, whole_number
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

# what the page may show in place; the rest is only saved
SHOWN_IN_PLACE = ("image/", "video/", "audio/")
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


class ChatRoutes:
    """Answers for chats."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        bot = "/sandbox/bots/{token}"
        chat = bot + "/chats/{chat_id}"
        return [
            Route(bot + "/chats", self.chats),
            Route(chat + "/messages", self.messages),
            Route(chat + "/block", self.block, methods=["POST"]),
            Route(chat + "/unblock", self.unblock, methods=["POST"]),
            Route(bot + "/people", self.keep_person, methods=["POST"]),
            Route(bot + "/files/{file_id}", self.file),
            Route(bot + "/business", self.connections),
            Route(bot + "/business", self.connect, methods=["POST"]),
        ]

    async def chats(self, request: Request) -> Response:
        """All chats of the bot, the latest first; with `as` those that this person can see."""
        bot = bot_of(self._sandbox, request)
        person = whole_number(request.query_params.get("as", ""))
        chats = self._sandbox.state.chats(space_of(self._sandbox, request, bot))
        if person is not None and not self._is_owner(request, bot, person):
            inside = {person, *self._sandbox.groups.chats_of(bot.id, person)}
            chats = [chat for chat in chats if chat.id in inside]
        chats.sort(key=lambda chat: self._sandbox.changes.latest_of(chat.space, chat.id), reverse=True)
        files = _files_url(request)
        return json_response({"chats": [show_chat(self._sandbox, chat, files) for chat in chats]})

    async def messages(self, request: Request) -> Response:
        """Messages behind the id `after`; or with `since` all that changed behind that change, and the chat with it."""
        bot, chat_id = bot_of(self._sandbox, request), chat_id_of(request)
        space = space_of(self._sandbox, request, bot)
        if "since" in request.query_params:
            return json_response(await self._changes(request, bot, space, chat_id))
        after = number_of(request, "after")
        seen = await look(self._sandbox, request, lambda: self._show(request, space, chat_id, after=after), bool)
        return json_response({"messages": seen, "change": self._sandbox.changes.since(space, chat_id, 0).latest})

    async def block(self, request: Request) -> Response:
        return self._set_blocked(request, is_blocked=True)

    async def unblock(self, request: Request) -> Response:
        return self._set_blocked(request, is_blocked=False)

    async def keep_person(self, request: Request) -> Response:
        """A person's name, and their picture if a file comes with it."""
        bot = bot_of(self._sandbox, request)
        async with body_and_files(self._sandbox, request) as (body, came):
            person = keep_person(self._sandbox, Sender.model_validate(body).model_dump(exclude_none=True))
            person_id = integer_at(person, "id") or 0
            if came:
                if not came[0].look.is_image:
                    raise CustomerApiError(422, "the file is no image")
                photo = keep_media(self._sandbox.files, bot.id, "photo", came[0], Hints())
                self._sandbox.files.set_profile_photo(bot.id, person_id, photo)
            if self._sandbox.state.chat(bot.id, person_id):
                private_chat(self._sandbox, bot.id, person)
        return json_response({"person": person})

    async def file(self, request: Request) -> Response:
        """A file of a message, for people; faults of the file host are the bot's alone."""
        bot = bot_of(self._sandbox, request)
        file = self._sandbox.files.find(bot.id, request.path_params["file_id"])
        if file is None:
            raise CustomerApiError(404, "no such file")
        is_shown = file.mime_type.startswith(SHOWN_IN_PLACE) and file.mime_type != "image/svg+xml"
        return FileResponse(
            self._sandbox.files.path_of(file),
            media_type=file.mime_type if is_shown else "application/octet-stream",
            filename=file.file_name or file.file_path.rpartition("/")[2],
            content_disposition_type="inline" if is_shown else "attachment",
            headers=FILE_HEADERS,
        )

    async def connections(self, request: Request) -> Response:
        bot = bot_of(self._sandbox, request)
        shown = [self._shown_connection(bot, each.connection_id) for each in self._sandbox.connections.all(bot.id)]
        return json_response({"business_connections": list[Json](shown)})

    async def connect(self, request: Request) -> Response:
        """A business account lets the bot write for it, or changes what it may."""
        bot = bot_of(self._sandbox, request)
        wanted = BusinessConnection.model_validate(await body_of(request))
        owner = keep_person(self._sandbox, wanted.owner.model_dump(exclude_none=True))
        connection = self._sandbox.connections.keep(
            wanted.id or self._sandbox.files.new_id(),
            bot_id=bot.id,
            user_id=integer_at(owner, "id") or 0,
            at=int(self._sandbox.now()),
            can_reply=wanted.can_reply,
            is_enabled=wanted.is_enabled,
        )
        shown = self._shown_connection(bot, connection.connection_id)
        update_id = self._sandbox.emit_wanted(bot, {"business_connection": shown})
        return json_response({"update_id": update_id, "business_connection": shown}, status=201)

    def _is_owner(self, request: Request, bot: Bot, person_id: int) -> bool:
        """Whether the business account that is looked at is this person's: its owner sees all its chats."""
        connection = self._sandbox.connections.find(bot.id, request.query_params.get("business_connection_id", ""))
        return connection is not None and connection.user_id == person_id

    def _shown_connection(self, bot: Bot, connection_id: str) -> JsonObject:
        connection = self._sandbox.connections.find(bot.id, connection_id)
        if connection is None:
            raise CustomerApiError(404, f"the bot has no business connection {connection_id}")
        return connection.as_json(self._sandbox.state.person(connection.user_id) or {})

    async def _changes(self, request: Request, bot: Bot, space: int, chat_id: int) -> JsonObject:
        since = number_of(request, "since")
        changes = self._sandbox.changes
        news = await look(
            self._sandbox,
            request,
            lambda: changes.since(space, chat_id, since),
            lambda seen: bool(seen.message_ids) or seen.is_everything,
        )
        messages = self._show(request, space, chat_id, only=None if news.is_everything else news.message_ids)
        chat = self._sandbox.state.chat(space, chat_id)
        return {
            "change": news.latest,
            "complete": news.is_everything,
            "messages": messages,
            "action": self._sandbox.footers.action(space, chat_id, now=self._sandbox.now()),
            "keyboard": self._sandbox.footers.keyboard(space, chat_id),
            "chat": show_chat(self._sandbox, chat, _files_url(request)) if chat else None,
        }

    def _show(
        self, request: Request, space: int, chat_id: int, *, after: int = 0, only: Container[int] | None = None
    ) -> list[Json]:
        # a chat that nobody wrote in may still hold raw messages
        chat = self._sandbox.state.chat(space, chat_id) or Chat(id=chat_id, space=space, chat={}, is_blocked=False)
        thread = request.query_params.get("thread")
        files = _files_url(request)
        stored = self._sandbox.state.conversation(space, chat_id, after=after)
        wanted = [message for message in stored if only is None or message.message_id in only]
        shown = [show_message(self._sandbox, chat, message, files) for message in wanted]
        return [message for message in shown if thread is None or str(message["thread_id"]) == thread]

    def _set_blocked(self, request: Request, *, is_blocked: bool) -> Response:
        bot, chat_id = bot_of(self._sandbox, request), chat_id_of(request)
        update_id = set_blocked(self._sandbox, bot, chat_id, is_blocked=is_blocked)
        return json_response({"blocked": is_blocked, "update_id": update_id})


def _files_url(request: Request) -> str:
    """Where the bot's files are for people, without a host."""
    return f"/sandbox/bots/{request.path_params['token']}/files"
