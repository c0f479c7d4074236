"""Telegram's users and chats as senders."""

from chaskiq_core.plugin import JsonObject, Sender
from chaskiq_telegram.fields import is_true, number_id_at, object_at, objects_at, text_at

DELETED = "Deleted Account"
"""How Telegram's own apps call a person whose first name is empty."""


def person_of(user: JsonObject) -> Sender | None:
    """A user, or the chat that stands for one; None without an id."""
    user_id = number_id_at(user, "id")
    if not user_id:
        return None
    told = {"username": text_at(user, "username"), "language": text_at(user, "language_code")}
    return Sender(
        id=user_id,
        name=_name(user),
        is_bot=is_true(user, "is_bot"),
        data={name: value for name, value in told.items() if value},
    )


def people_at(value: JsonObject, name: str) -> tuple[Sender, ...]:
    """The users in the list of that name."""
    return tuple(person for user in objects_at(value, name) if (person := person_of(user)))


def author_of(message: JsonObject) -> Sender | None:
    """Who wrote: behind an anonymous admin or a channel `from` is a made-up user, and `sender_chat` the author."""
    return (
        person_of(object_at(message, "sender_chat"))
        or person_of(object_at(message, "from"))
        or person_of(object_at(message, "chat"))
    )


def actor_of(content: JsonObject) -> Sender | None:
    """Who did what is no message: reacted, pressed, joined, asked."""
    return next(
        (found for name in ("from", "user", "actor_chat") if (found := person_of(object_at(content, name)))), None
    )


def _name(user: JsonObject) -> str:
    """A chat's title, a person's names, or what stands for them."""
    names = (
        [text_at(user, "title")]
        if text_at(user, "title")
        else [text_at(user, "first_name"), text_at(user, "last_name")]
    )
    return " ".join(name for part in names if (name := part.strip())) or text_at(user, "username") or DELETED
