"""People change what stands already: they edit, delete, react, press buttons."""

import secrets

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject, object_at
from chaskiq_telegram.sandbox.customers.contents import text_content
from chaskiq_telegram.sandbox.customers.people import Place
from chaskiq_telegram.sandbox.customers.writing import emit
from chaskiq_telegram.sandbox.memory.messages import StoredMessage
from chaskiq_telegram.sandbox.memory.presses import Press
from chaskiq_telegram.sandbox.methods.editing import CAPTIONED
from chaskiq_telegram.sandbox.methods.texts import CAPTION, TEXT


def edit(place: Place, message_id: int, text: str) -> tuple[int | None, JsonObject]:
    """A person changes the text or the caption of a message of theirs; the update_id and the message."""
    found = _own(place, message_id)
    field = TEXT if "text" in found.message else CAPTION
    if field is CAPTION and not any(name in found.message for name in CAPTIONED):
        raise CustomerApiError(409, "the message has no text and no caption to edit")
    kept = {name: value for name, value in found.message.items() if name not in (field.name, field.entities)}
    content = text_content(text, field) if text or field is TEXT else {}
    edited: JsonObject = {**kept, **content, "edit_date": int(place.sandbox.now())}
    with place.sandbox.database.transaction():
        place.sandbox.state.keep_message(place.chat.space, place.chat.id, "customer", edited)
        place.changed(message_id)
        update_id = emit(place, {place.kind("edited_message"): edited})
    return update_id, edited


def delete(place: Place, message_id: int) -> int | None:
    """A person deletes a message of theirs for everyone. Only business accounts' bots are told."""
    _own(place, message_id)
    with place.sandbox.database.transaction():
        place.sandbox.state.delete_message(place.chat.space, place.chat.id, message_id)
        place.changed(message_id)
        if place.connection is None:
            return None
        gone: JsonObject = {
            "business_connection_id": place.connection.connection_id,
            "chat": place.chat.chat,
            "message_ids": [message_id],
        }
        return emit(place, {"deleted_business_messages": gone})


def react(place: Place, message_id: int, emoji: list[str]) -> int | None:
    """These are all of the person's reactions to the message from now on; the update_id, if the bot is told."""
    place.find(message_id)
    sandbox, chat = place.sandbox, place.chat
    person_id = int(str(place.person["id"]))
    reactions: list[Json] = [JsonObject(type="emoji", emoji=each.rstrip("\ufe0f")) for each in emoji]
    with sandbox.database.transaction():
        former = sandbox.reactions.replace(chat.space, chat.id, message_id, person_id, reactions)
        if former == reactions:
            return None
        place.changed(message_id)
        is_administrator = sandbox.groups.status(chat.space, chat.id, place.bot.id) == "administrator"
        if place.connection or not (place.is_private or is_administrator):
            return None
        change: JsonObject = {
            "chat": chat.chat,
            "message_id": message_id,
            "user": place.person,
            "date": int(sandbox.now()),
            "old_reaction": former,
            "new_reaction": reactions,
        }
        return emit(place, {"message_reaction": change})


def press(place: Place, message_id: int, *, data: str | None, text: str | None) -> tuple[str, int | None]:
    """A person presses a button of the message's keyboard; the query's id and the update_id."""
    found = place.find(message_id)
    button = _button(found.message, data, text)
    if "callback_data" not in button:
        raise CustomerApiError(409, "this button sends nothing to the bot")
    sandbox, chat = place.sandbox, place.chat
    query_id = str(10**18 + secrets.randbelow(9 * 10**18))
    query: JsonObject = {
        "id": query_id,
        "from": place.person,
        "message": found.message,
        "chat_instance": str(chat.id * 7919),
        "data": button["callback_data"],
    }
    with sandbox.database.transaction():
        sandbox.presses.add(
            Press(
                query_id=query_id,
                bot_id=place.bot.id,
                space=chat.space,
                chat_id=chat.id,
                message_id=message_id,
                at=sandbox.now(),
            )
        )
        return query_id, emit(place, {"callback_query": query})


def _button(message: JsonObject, data: str | None, text: str | None) -> JsonObject:
    rows = object_at(message, "reply_markup").get("inline_keyboard")
    for row in rows if isinstance(rows, list) else []:
        for button in row if isinstance(row, list) else []:
            is_it = isinstance(button, dict) and (
                button.get("callback_data") == data if data is not None else button.get("text") == text
            )
            if is_it and isinstance(button, dict):
                return button
    raise CustomerApiError(404, "the message has no such button")


def _own(place: Place, message_id: int) -> StoredMessage:
    found = place.find(message_id)
    if found.direction != "customer" or object_at(found.message, "from").get("id") != place.person.get("id"):
        raise CustomerApiError(409, "the message is somebody else's")
    return found
