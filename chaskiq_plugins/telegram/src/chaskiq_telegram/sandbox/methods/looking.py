"""What a bot asks: who it is, what a chat is, who is in it, where a file is."""

from chaskiq_core.testing.sandbox import Json, JsonObject, read_json
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.memory.groups import INSIDE
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import business_connection, open_chat

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
ADMINISTRATOR_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


def get_me(call: Call) -> Answer:
    """The bot itself."""
    return Answer(
        result=call.bot.user
        | {
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": False,
            "can_connect_to_business": True,
            "has_main_web_app": False,
        }
    )


def get_file(call: Call) -> Answer:
    """Where the file can be fetched for the next hour."""
    file_id = call.parameters.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = call.sandbox.files.find(call.bot.id, file_id)
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.size > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    call.sandbox.files.link(file, at=call.sandbox.now())
    return Answer(
        result={
            "file_id": file.file_id,
            "file_unique_id": file.file_unique_id,
            "file_size": file.size,
            "file_path": file.file_path,
        }
    )


def get_chat(call: Call) -> Answer:
    chat = open_chat(call)
    full: JsonObject = {
        **chat.chat,
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), True
        ),
    }
    return Answer(result=full)


def get_chat_member(call: Call) -> Answer:
    chat = open_chat(call)
    user_id = call.parameters.integer("user_id")
    status = call.sandbox.groups.status(chat.space, chat.id, user_id)
    if chat.chat.get("type") == "private" and user_id in (chat.id, call.bot.id):
        status = "member"
    user = call.bot.user if user_id == call.bot.id else call.sandbox.state.person(user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID" if user_id else "invalid user_id specified")
    return Answer(result=shown_member(user, status or "left"))


def get_chat_member_count(call: Call) -> Answer:
    chat = open_chat(call)
    members = call.sandbox.groups.members(chat.space, chat.id)
    return Answer(result=sum(status in INSIDE for status in members.values()) if members else 2)


def get_user_profile_photos(call: Call) -> Answer:
    user_id = call.parameters.integer("user_id")
    person = call.sandbox.state.person(user_id)
    if person is None:
        raise bad_request("user not found")
    photo = call.sandbox.files.profile_photo(call.bot.id, user_id)
    photos: list[Json] = [read_json(photo.media)] if photo else []
    return Answer(result={"total_count": len(photos), "photos": photos})


def get_business_connection(call: Call) -> Answer:
    connection = business_connection(call)
    if connection is None:
        raise bad_request("business connection not found")
    return Answer(result=connection.as_json(call.sandbox.state.person(connection.user_id) or {}))


def shown_member(user: JsonObject, status: str) -> JsonObject:
    """A ChatMember."""
    member: JsonObject = {"user": user, "status": status}
    match status:
        case "kicked":
            return member | {"until_date": 0}
        case "creator":
            return member | {"is_anonymous": False}
        case "administrator":
            rights: JsonObject = dict.fromkeys(ADMINISTRATOR_RIGHTS, True)
            return member | rights | {"can_be_edited": False, "is_anonymous": False}
        case _:
            return member
