"""The envelope of an update: its id, its kind, what it carries, and the chat whose order it keeps."""

from dataclasses import dataclass

from chaskiq_core.plugin import JsonObject, WebhookRequest
from chaskiq_telegram.fields import LARGEST, number_id_at, object_at, token_at

MESSAGE_KINDS = frozenset({"message", "channel_post", "business_message", "guest_message"})
EDIT_KINDS = frozenset({"edited_message", "edited_channel_post", "edited_business_message"})
BUSINESS_KINDS = frozenset({"business_message", "edited_business_message", "deleted_business_messages"})
QUIET_KINDS = frozenset(
    {
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "subscription",
        "stopped_message_generation",
    }
)
"""Kinds that belong to no conversation."""
KINDS = (
    MESSAGE_KINDS
    | EDIT_KINDS
    | QUIET_KINDS
    | {
        "callback_query",
        "message_reaction",
        "deleted_business_messages",
        "my_chat_member",
        "chat_member",
        "business_connection",
    }
)
LONGEST_KIND = 64


@dataclass(frozen=True, slots=True)
class Update:
    """One update as Telegram sent it."""

    id: str
    """A number, rising per bot; it may start again at random after a quiet week. '': the body is no update."""
    kind: str
    """The name of its one payload; '' if it has none."""
    content: JsonObject
    """The payload; empty if it is not an object."""

    @property
    def holder(self) -> JsonObject:
        """The object that names the chat: of a pressed button the message that it stands under."""
        return object_at(self.content, "message") if self.kind == "callback_query" else self.content


@dataclass(frozen=True, slots=True)
class Place:
    """A chat as one of the bot's own, or as one of a business account that the bot is connected to."""

    chat_id: str
    connection: str

    @property
    def name(self) -> str:
        """The start of its messages' keys, and its lane; both are worlds of their own: message ids repeat there."""
        return f"{self.connection}:{self.chat_id}" if self.connection else self.chat_id


def read_update(request: WebhookRequest) -> Update:
    """The update in a webhook's body, empty if the object is of another shape; UnreadableError if it is no object."""
    body = request.json()
    update_id = body.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool) or abs(update_id) > LARGEST:
        return Update("", "", {})
    # A name that we know wins: a later Telegram may put new fields beside the payload.
    names = [name for name in body if name != "update_id"]
    kind = next((name for name in names if name in KINDS), names[0] if names else "")
    content = body.get(kind)
    return Update(str(update_id), kind, content if isinstance(content, dict) else {})


def place_of(update: Update) -> Place | None:
    """The chat that an update happened in; None: it names none."""
    if update.kind == "business_connection":
        chat_id, connection = number_id_at(update.content, "user_chat_id"), token_at(update.content, "id")
        return Place(chat_id, connection) if chat_id and connection else None
    holder = update.holder
    chat_id = number_id_at(object_at(holder, "chat"), "id")
    connection = token_at(holder, "business_connection_id")
    # Without its connection a business chat would be taken for the bot's own chat with that person.
    if not chat_id or (update.kind in BUSINESS_KINDS and not connection):
        return None
    return Place(chat_id, connection)
