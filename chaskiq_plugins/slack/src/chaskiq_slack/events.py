"""Which of Slack's events are somebody's words, which are lines of the system, and which are our own."""

from chaskiq_core.plugin import JsonObject
from chaskiq_slack.body import Body, Sort
from chaskiq_slack.fields import id_at, object_at, text_at

CHANGED = "message_changed"
DELETED = "message_deleted"
MESSAGE_TYPES = frozenset({"message", "app_mention"})
WRITTEN = frozenset({"", "bot_message", "file_share", "thread_broadcast", "me_message", "reply_broadcast"})
"""Subtypes of what somebody wrote."""
SYSTEM = frozenset(
    {
        "assistant_app_thread",
        "bot_add",
        "bot_disable",
        "bot_enable",
        "bot_remove",
        "channel_canvas_updated",
        "document_comment_root",
        "ekm_access_denied",
        "file_comment",
        "file_mention",
        "huddle_thread",
        "message_replied",
        "pinned_item",
        "reminder_add",
        "sh_room_created",
        "tombstone",
        "unpinned_item",
    }
)
SYSTEM_FAMILIES = ("channel_", "group_", "convert_", "mpim_")
"""Lines such as "has set the channel topic": told in the channel, written by nobody."""
SLACKBOT = "USLACKBOT"


def is_new_message(body: Body) -> bool:
    """Whether it is a message as such, and not a change of one."""
    return (
        body.sort is Sort.EVENT
        and body.type in MESSAGE_TYPES
        and text_at(body.event, "subtype") not in (CHANGED, DELETED)
    )


def is_system_line(message: JsonObject) -> bool:
    """Whether Slack itself wrote the line."""
    subtype = text_at(message, "subtype")
    return subtype in SYSTEM or subtype.startswith(SYSTEM_FAMILIES)


def is_bots(message: JsonObject) -> bool:
    """Whether some app wrote it; newer ones have no subtype."""
    return (
        bool(text_at(message, "bot_id") or object_at(message, "bot_profile"))
        or text_at(message, "subtype") == "bot_message"
        or text_at(message, "user") == SLACKBOT
    )


def is_our_own(message: JsonObject, body: Body) -> bool:
    """Whether our own app wrote it, by its bot user or by the app's id."""
    if body.bot_user_id and id_at(message, "user") == body.bot_user_id:
        return True
    apps = {id_at(message, "app_id"), id_at(object_at(message, "bot_profile"), "app_id")}
    return bool(body.app_id) and body.app_id in apps
