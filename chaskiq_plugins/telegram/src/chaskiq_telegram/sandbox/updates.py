"""What kind of thing an update is: its queue, how long it lives, who must ask for it. Pure."""

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_telegram.sandbox.ids import integer_at

MESSAGE_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})  # not sent unless asked for
DAY_SECONDS = 24 * 3600
LIFETIME_SECONDS = {
    "callback_query": 150,
    "shipping_query": 150,
    "pre_checkout_query": 150,
    "inline_query": 30,
    "chosen_inline_result": 600,
}


def kind_of(update: JsonObject) -> str:
    """The update's kind: its one key beside update_id; "" for an empty one."""
    return next((name for name in update if name != "update_id"), "")


def queue_of(update: JsonObject) -> str:
    """The FIFO that Telegram puts this update in: a chat's messages in one, presses and memberships beside it."""
    kind = kind_of(update)
    body = object_at(update, kind)
    if kind in MESSAGE_KINDS:
        return f"chat:{integer_at(object_at(body, 'chat'), 'id')}"
    if kind == "callback_query":
        return f"user:{integer_at(object_at(body, 'from'), 'id')}"
    if kind == "poll":
        return f"poll:{body.get('id')}"
    owner = object_at(body, "chat") or object_at(body, "from") or object_at(body, "user")
    return f"{kind}:{integer_at(owner, 'id')}"


def lifetime_seconds(kind: str) -> int:
    """How long Telegram tries to deliver an update of this kind."""
    return LIFETIME_SECONDS.get(kind, DAY_SECONDS)


def is_wanted(kind: str, allowed_updates: list[str]) -> bool:
    """Whether a bot that asked for these kinds gets this one; an empty list means all but a few."""
    return kind in allowed_updates if allowed_updates else kind not in ON_REQUEST


def chat_id_of(update: JsonObject) -> int | None:
    """The chat that an update is about, if it is about one."""
    body = object_at(update, kind_of(update))
    return integer_at(object_at(body, "chat") or object_at(body, "message", "chat"), "id")
