"""Threads in which agents follow conversations: begun once, their heads kept up to date; and who the agents are."""

from datetime import timedelta

from chaskiq_core.plugin import ChannelContext, ContentError, JsonObject, MirrorView, Sender, UnknownOutcomeError
from chaskiq_slack.calling.api import Api
from chaskiq_slack.calling.post import post_message
from chaskiq_slack.fields import id_at, is_true, key_at, name_at, object_at, objects_at, text_at, ts_at
from chaskiq_slack.head import head_blocks, head_text
from chaskiq_slack.manifest import SlackSettings

METADATA = "chaskiq_mirror"
SHARED = ("is_ext_shared", "is_pending_ext_shared", "is_im", "is_mpim")
BEFORE = timedelta(minutes=5)
"""How much earlier than the conversation a head can't be, whatever the clocks say."""
HINTS = {
    "note": "What you write in this thread stays inside; begin it with `!reply` to send it to the contact.",
    "reply": "What you write in this thread goes to the contact; begin it with `!note` to keep it inside.",
}


async def open_thread(
    mirror: MirrorView, channel_id: str, context: ChannelContext[SlackSettings], *, again: bool
) -> str:
    """The ts of the thread's head, posted now or found."""
    api = Api(context)
    if again and (ts := await _find_head(mirror, channel_id, api)):
        return ts
    info = object_at(await api.read("conversations.info", channel=channel_id), "channel")
    if any(is_true(info, name) for name in SHARED):
        raise ContentError("the mirror channel is shared with others: they would read the agents' notes")
    answer = await post_message(api, channel_id, metadata=_metadata(mirror), **_head(mirror, context))
    if not (ts := ts_at(answer, "ts")):
        raise UnknownOutcomeError("Slack said yes and told no ts")
    return ts


async def show_head(
    mirror: MirrorView, channel_id: str, thread_id: str, context: ChannelContext[SlackSettings]
) -> None:
    """Bring the head to how the conversation stands."""
    await Api(context).write(
        "chat.update", channel=channel_id, ts=thread_id, metadata=_metadata(mirror), **_head(mirror, context)
    )


async def read_profile(person_id: str, context: ChannelContext[SlackSettings]) -> Sender:
    """A person's name, and their address if it is our own workspace that vouches for it."""
    user = object_at(await Api(context).read("users.info", user=person_id), "user")
    profile = object_at(user, "profile")
    name = name_at(profile, "display_name", "real_name") or name_at(user, "real_name", "name") or person_id
    # Another company's workspace may call its people what it likes.
    is_ours = not (is_true(user, "is_stranger") or is_true(user, "is_bot") or user.get("is_email_confirmed") is False)
    email = text_at(profile, "email").strip()[:320] if is_ours else ""
    team = id_at(user, "team_id")
    return Sender(id=person_id, name=name, email=email or None, data={"team": team} if team else {})


def _head(mirror: MirrorView, context: ChannelContext[SlackSettings]) -> JsonObject:
    hint = HINTS[context.settings.mirror_replies]
    return {"text": head_text(mirror), "blocks": head_blocks(mirror, hint=hint)}


def _metadata(mirror: MirrorView) -> JsonObject:
    return {"event_type": METADATA, "event_payload": {"conversation": mirror.conversation.key}}


async def _find_head(mirror: MirrorView, channel_id: str, api: Api) -> str:
    oldest = (mirror.conversation.created_at - BEFORE).timestamp()
    cursor = ""
    while True:
        answer = await api.read(
            "conversations.history",
            channel=channel_id,
            oldest=f"{oldest:.6f}",
            include_all_metadata=True,
            limit=200,
            cursor=cursor or None,
        )
        for message in objects_at(answer, "messages"):
            metadata = object_at(message, "metadata")
            named = key_at(object_at(metadata, "event_payload"), "conversation")
            if text_at(metadata, "event_type") == METADATA and named == mirror.conversation.key:
                return ts_at(message, "ts")
        cursor = text_at(object_at(answer, "response_metadata"), "next_cursor")
        if not cursor or not is_true(answer, "has_more"):
            return ""
