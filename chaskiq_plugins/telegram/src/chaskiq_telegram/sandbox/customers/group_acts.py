"""What happens in groups: they are made, people and the bot come and go, topics begin, a group is upgraded."""

import secrets

from chaskiq_core.testing.sandbox import CustomerApiError, JsonObject
from chaskiq_telegram.sandbox.customers.people import Place, keep_person
from chaskiq_telegram.sandbox.customers.writing import emit, store
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.memory.groups import INSIDE, Topic
from chaskiq_telegram.sandbox.methods.looking import shown_member
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

FIRST_COLOR = 7322096  # the icon color that Telegram's apps offer first


def make_group(
    sandbox: TelegramSandbox, bot: Bot, title: str, kind: str, members: list[JsonObject], *, is_forum: bool, status: str
) -> JsonObject:
    """A group with these people, the first one its creator; the bot joins unless it is to stay outside."""
    number = secrets.randbelow(9 * 10**9) + 10**9
    is_super = kind == "supergroup" or is_forum
    chat: JsonObject = {
        "id": -(10**12 + number) if is_super else -number,
        "title": title,
        "type": "supergroup" if is_super else "group",
        **({"is_forum": True} if is_forum else {}),
    }
    chat_id = integer_at(chat, "id") or 0
    people = [keep_person(sandbox, member) for member in members]
    with sandbox.database.transaction():
        kept = sandbox.state.keep_chat(bot.id, chat)
        for person in people:
            sandbox.groups.set_status(bot.id, chat_id, integer_at(person, "id") or 0, "member")
        sandbox.groups.set_status(bot.id, chat_id, integer_at(people[0], "id") or 0, "creator")
        sandbox.groups.set_status(bot.id, chat_id, bot.id, "left")
        place = Place(sandbox=sandbox, bot=bot, chat=kept, person=people[0])
        if status != "left":
            set_bot_status(place, status)
    return chat


def set_bot_status(place: Place, status: str) -> int | None:
    """The bot joins, leaves, is removed or promoted; the update_id that tells it."""
    sandbox, bot, chat = place.sandbox, place.bot, place.chat
    with sandbox.database.transaction():
        former = sandbox.groups.set_status(chat.space, chat.id, bot.id, status) or "left"
        if former == status:
            return None
        change: JsonObject = {
            "chat": chat.chat,
            "from": place.person,
            "date": int(sandbox.now()),
            "old_chat_member": shown_member(bot.user, former),
            "new_chat_member": shown_member(bot.user, status),
        }
        # it is told of its own removal too
        update_id = sandbox.emit_wanted(bot, {"my_chat_member": change})
        if former not in INSIDE and status in INSIDE:
            store(place, _service(place, _joined(bot.user)))
        sandbox.changed(chat.space, chat.id)
    return update_id


def join(place: Place, person: JsonObject) -> int | None:
    """Somebody comes into the group."""
    return _come_or_go(place, person, "member", _joined(person))


def leave(place: Place, person: JsonObject) -> int | None:
    """Somebody goes out of the group, or is put out of it."""
    gone: JsonObject = {"left_chat_participant": person, "left_chat_member": person}
    return _come_or_go(place, person, "left", gone)


def begin_topic(place: Place, name: str) -> tuple[int, int | None]:
    """A topic of the forum; its thread_id and the update_id."""
    if not place.chat.chat.get("is_forum"):
        raise CustomerApiError(409, "only a forum has topics")
    with place.sandbox.database.transaction():
        made = place.sandbox.state.take_message_id(place.chat.space, place.chat.id)
        topic = Topic(thread_id=made, name=name, is_closed=False)
        place.sandbox.groups.keep_topic(place.chat.space, place.chat.id, topic)
        message: JsonObject = {
            **_service(place, {"forum_topic_created": {"name": name, "icon_color": FIRST_COLOR}}),
            "message_id": made,
            **_of_topic(topic),
        }
        written = store(place, message)
    return made, written.update_id


def close_topic(place: Place, thread_id: int, *, is_closed: bool) -> int | None:
    """Nobody but administrators writes in the topic any more, or everybody does again; the update_id."""
    groups, chat = place.sandbox.groups, place.chat
    with place.sandbox.database.transaction():
        topic = groups.topic(chat.space, chat.id, thread_id)
        if topic is None:
            raise CustomerApiError(404, f"the chat has no topic {thread_id}")
        if topic.is_closed == is_closed:
            return None
        groups.keep_topic(chat.space, chat.id, Topic(thread_id=thread_id, name=topic.name, is_closed=is_closed))
        name = "forum_topic_closed" if is_closed else "forum_topic_reopened"
        return store(place, _service(place, {name: {}}) | _of_topic(topic)).update_id


def migrate(place: Place) -> tuple[int, list[int | None]]:
    """The group becomes a supergroup under a new id; that id and the update_ids of both service messages."""
    sandbox, bot, chat = place.sandbox, place.bot, place.chat
    if chat.chat.get("type") != "group":
        raise CustomerApiError(409, "only a group can be upgraded")
    new_chat_id = -(10**12 + secrets.randbelow(9 * 10**9) + 10**9)
    with sandbox.database.transaction():
        upgraded = sandbox.state.keep_chat(bot.id, {**chat.chat, "id": new_chat_id, "type": "supergroup"})
        old = store(place, _service(place, {"migrate_to_chat_id": new_chat_id}))
        sandbox.groups.migrate(chat.space, chat.id, new_chat_id)
        there = Place(sandbox=sandbox, bot=bot, chat=upgraded, person=place.person)
        new = store(there, _service(there, {"migrate_from_chat_id": chat.id}))
    return new_chat_id, [old.update_id, new.update_id]


def _come_or_go(place: Place, person: JsonObject, status: str, content: JsonObject) -> int | None:
    sandbox, chat = place.sandbox, place.chat
    with sandbox.database.transaction():
        former = sandbox.groups.set_status(chat.space, chat.id, integer_at(person, "id") or 0, status) or "left"
        if (former in INSIDE) == (status in INSIDE):
            return None
        written = store(place, _service(place, content))
        if sandbox.groups.status(chat.space, chat.id, place.bot.id) == "administrator":
            change: JsonObject = {
                "chat": chat.chat,
                "from": place.person,
                "date": int(sandbox.now()),
                "old_chat_member": shown_member(person, former),
                "new_chat_member": shown_member(person, status),
            }
            emit(place, {"chat_member": change})
    return written.update_id


def _joined(person: JsonObject) -> JsonObject:
    # the first two are older names that Telegram still sends
    return {"new_chat_participant": person, "new_chat_member": person, "new_chat_members": [person]}


def _service(place: Place, content: JsonObject) -> JsonObject:
    return {"from": place.person, "chat": place.chat.chat, "date": int(place.sandbox.now()), **content}


def _of_topic(topic: Topic) -> JsonObject:
    return {"message_thread_id": topic.thread_id, "is_topic_message": True}
