"""Slack's channels and threads as the core's Chat, and the names by which messages are known."""

from chaskiq_core.plugin import Chat, JsonObject
from chaskiq_slack.body import Body, place_of
from chaskiq_slack.fields import name_at, object_at, text_at

DIRECT = "D"
"""What the id of a conversation with one person begins with."""


def chat_of(body: Body) -> Chat | None:
    """The channel or the thread that it happened in; None: it names none."""
    channel, thread_ts = place_of(body)
    return make_chat(body, channel, thread_ts, body.event) if channel else None


def make_chat(body: Body, channel: str, thread_ts: str = "", event: JsonObject | None = None) -> Chat:
    """A channel, or a thread in it."""
    event = event or {}
    kind = text_at(event, "channel_type")
    return Chat(
        channel_id=channel,
        thread_id=thread_ts,
        is_group=kind not in ("im", "app_home") if kind else not channel.startswith(DIRECT),
        title=name_at(object_at(event, "channel"), "name") or name_at(event, "channel_name"),
        key=":".join(filter(None, (*body.team_ids[:1], channel, thread_ts))),
    )


def message_key(channel: str, ts: str) -> str:
    """What a message is known by within a workspace: a ts is unique within its channel only."""
    return f"{channel}:{ts}"
