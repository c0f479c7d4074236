"""Who writes, and in which chat: both are made where they may be."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import CustomerApiError, JsonObject
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.memory.connections import Connection
from chaskiq_telegram.sandbox.memory.messages import StoredMessage
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

CHAT_FIELDS = ("id", "first_name", "last_name", "username")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody acts: the bot that is told of it, and the chat."""

    sandbox: TelegramSandbox
    bot: Bot
    chat: Chat
    person: JsonObject  # who acts
    connection: Connection | None = None  # of a business account's chat

    @property
    def is_private(self) -> bool:
        return self.chat.chat.get("type") == "private"

    def kind(self, name: str) -> str:
        """An update's kind here: message, or business_message in a business account's chat."""
        if self.connection is None:
            return name
        return {"message": "business_message", "edited_message": "edited_business_message"}.get(name, name)

    def find(self, message_id: int) -> StoredMessage:
        """The message of this chat."""
        found = self.sandbox.state.message(self.chat.space, self.chat.id, message_id)
        if found is None:
            raise CustomerApiError(404, f"the chat has no message {message_id}")
        return found

    def changed(self, message_id: int) -> None:
        self.sandbox.changed(self.chat.space, self.chat.id, message_id)


def keep_person(sandbox: TelegramSandbox, sender: JsonObject) -> JsonObject:
    """The person as known after this."""
    person_id = integer_at(sender, "id") or 0
    unnamed: JsonObject = {"id": person_id, "is_bot": False, "first_name": f"Customer {person_id}"}
    return sandbox.state.keep_person((sandbox.state.person(person_id) or unnamed) | sender)


def private_chat(sandbox: TelegramSandbox, space: int, person: JsonObject) -> Chat:
    """The person's chat with the bot, or with the business account of this space."""
    shown: JsonObject = {name: person[name] for name in CHAT_FIELDS if name in person}
    return sandbox.state.keep_chat(space, shown | {"type": "private"})


def place_of(
    sandbox: TelegramSandbox,
    bot: Bot,
    sender: JsonObject,
    chat_id: int | None = None,
    connection_id: str | None = None,
) -> Place:
    """Where this person acts: their private chat, a group they are in, or a business account's chat."""
    person = keep_person(sandbox, sender)
    person_id = integer_at(person, "id") or 0
    if connection_id is not None:
        return _business_place(sandbox, bot, person, chat_id or person_id, connection_id)
    if chat_id is None or chat_id == person_id:
        chat = private_chat(sandbox, bot.id, person)
        return Place(sandbox=sandbox, bot=bot, chat=chat, person=person)
    found = sandbox.state.chat(bot.id, chat_id)
    if found is None:
        raise CustomerApiError(404, f"the bot has no chat {chat_id}")
    if not sandbox.groups.is_inside(bot.id, chat_id, person_id):
        raise CustomerApiError(409, "this person is not in the group; let them join first")
    if sandbox.groups.migrated_to(bot.id, chat_id):
        raise CustomerApiError(409, "the group was upgraded; it lives on under another id")
    return Place(sandbox=sandbox, bot=bot, chat=found, person=person)


def _business_place(sandbox: TelegramSandbox, bot: Bot, person: JsonObject, chat_id: int, connection_id: str) -> Place:
    connection = sandbox.connections.find(bot.id, connection_id)
    if connection is None:
        raise CustomerApiError(404, f"the bot has no business connection {connection_id}")
    if chat_id not in (connection.user_id, person.get("id")) and person.get("id") != connection.user_id:
        raise CustomerApiError(409, "only the customer and the account's owner write in this chat")
    if person.get("id") == connection.user_id:
        chat = sandbox.state.chat(connection.space, chat_id)
        if chat is None:
            customer = sandbox.state.person(chat_id)
            if customer is None:
                raise CustomerApiError(404, f"nobody has the id {chat_id}")
            chat = private_chat(sandbox, connection.space, customer)
    else:
        chat = private_chat(sandbox, connection.space, person)
    return Place(sandbox=sandbox, bot=bot, chat=chat, person=person, connection=connection)
