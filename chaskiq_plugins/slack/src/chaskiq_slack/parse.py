"""A body as what happened: the events that the core knows, by the kind of the event."""

from chaskiq_core.plugin import (
    ButtonPressed,
    Chat,
    InboundEvent,
    JsonObject,
    MembershipChanged,
    MessageReceived,
    ReactionChanged,
    Sender,
    WebhookRequest,
)
from chaskiq_slack.body import Body, Sort, read_body
from chaskiq_slack.chats import chat_of, make_chat, message_key
from chaskiq_slack.events import MESSAGE_TYPES
from chaskiq_slack.fields import cut, id_at, name_at, object_at, objects_at, text_at, time_of, ts_at
from chaskiq_slack.manifest import SlackSettings
from chaskiq_slack.reading.message import ignored, read_echo, read_message
from chaskiq_slack.reading.mirrored import is_mirror, read_head_press, read_mirrored_message, read_shortcut
from chaskiq_slack.reading.mrkdwn import document_of, words_of
from chaskiq_slack.reading.people import person_of

MAX_ACTIONS = 25
"""Slack's own limit of elements in one block; a press is one."""
MAX_VALUE = 2_000
TOLD_AMONG_AGENTS = frozenset({"message_metadata_posted", "channel_id_changed"})
DISCONNECTED = "disconnected"


def parse_body(request: WebhookRequest, settings: SlackSettings) -> list[InboundEvent]:
    """The events of a body; UnreadableError if it is nothing that Slack sends."""
    body = read_body(request)
    match body.sort:
        case Sort.HANDSHAKE:
            return []
        case Sort.INTERACTION:
            return _interacted(body, settings)
        case Sort.COMMAND:
            return [_commanded(body)]
        case Sort.UNKNOWN:
            kind = text_at(body.outer, "type")
            return [ignored(body, None, f"{kind or 'something'} that is no event")]
    return [_happened(body, settings)]


def _happened(body: Body, settings: SlackSettings) -> InboundEvent:
    if body.type in ("app_uninstalled", "tokens_revoked"):
        return _disconnected(body)
    chat = chat_of(body)
    if chat is None:
        return ignored(body, None, f"{body.type or 'an event without a type'}: it belongs to no channel")
    among_agents = is_mirror(chat, settings)
    if body.type in MESSAGE_TYPES:
        return read_mirrored_message(body, chat, settings) if among_agents else read_message(body, chat)
    if among_agents and body.type not in TOLD_AMONG_AGENTS:
        return ignored(body, chat, f"{body.type}: among the agents")
    match body.type:
        case "reaction_added" | "reaction_removed":
            return _reacted(body, chat)
        case "member_joined_channel" | "member_left_channel":
            return _member(body, chat)
        case "channel_left" | "group_left":
            return _membership(body, chat, "bot_removed", None)
        case "channel_id_changed":
            return _moved(body)
        case "message_metadata_posted":
            return read_echo(body, chat, object_at(body.event, "metadata"), ts_at(body.event, "message_ts"))
    return ignored(body, chat, f"{body.type}: not an event of a conversation")


def _interacted(body: Body, settings: SlackSettings) -> list[InboundEvent]:
    chat, kind = chat_of(body), text_at(body.event, "type")
    if chat is not None and is_mirror(chat, settings):
        if kind == "message_action":
            return [read_shortcut(body, chat)]
        if kind == "block_actions":
            return [read_head_press(body, chat)]
    return _pressed(body)


def _pressed(body: Body) -> list[InboundEvent]:
    payload, chat = body.event, chat_of(body)
    if text_at(payload, "type") != "block_actions":
        return [ignored(body, chat, f"{text_at(payload, 'type') or 'an interaction without a type'}: no press")]
    actions = objects_at(payload, "actions")[:MAX_ACTIONS]
    if not body.event_id or not actions:
        return [ignored(body, chat, "block_actions: it has no trigger_id, or no action")]
    return [_press(body, chat, action, n) for n, action in enumerate(actions)]


def _press(body: Body, chat: Chat | None, action: JsonObject, n: int) -> InboundEvent:
    payload = body.event
    message_ts = ts_at(object_at(payload, "container"), "message_ts") or ts_at(object_at(payload, "message"), "ts")
    chosen = object_at(action, "selected_option")
    data = text_at(action, "value") or text_at(chosen, "value") or _picked(action)
    title = text_at(object_at(chosen, "text"), "text") or text_at(object_at(action, "text"), "text")
    return ButtonPressed(
        event_id=body.event_id,
        chat=chat,
        sender=person_of(payload),
        at=time_of(ts_at(action, "action_ts")),
        callback_id=f"{body.event_id}:{n}" if n else body.event_id,
        data=cut(data, MAX_VALUE) or None,
        title=cut(title, MAX_VALUE) or None,
        message_id=message_ts or None,
        message_key=message_key(chat.channel_id, message_ts) if chat and message_ts else None,
    )


def _picked(action: JsonObject) -> str:
    """What stands in a picker of people, channels, days or words."""
    for name in ("selected_user", "selected_conversation", "selected_channel", "selected_date", "selected_time"):
        if found := text_at(action, name):
            return found
    return ""


def _commanded(body: Body) -> InboundEvent:
    """A slash command is a message of the person who gave it: its answer is awaited in that channel."""
    form, chat = body.event, chat_of(body)
    user_id, command = id_at(form, "user_id"), text_at(form, "command").strip()
    if chat is None or not user_id or not body.event_id:
        return ignored(body, chat, "a slash command without a user, a channel or a trigger_id")
    document = document_of(f"{command} {text_at(form, 'text')}".strip())
    return MessageReceived(
        event_id=body.event_id,
        chat=chat,
        sender=Sender(id=user_id, name=name_at(form, "user_name") or user_id),
        message_id=body.event_id,
        message_key=f"command:{body.event_id}",
        text=words_of(document),
        content=document,
        command=cut(command.removeprefix("/"), 64) or None,
    )


def _reacted(body: Body, chat: Chat) -> InboundEvent:
    event = body.event
    ts, name, sender = ts_at(object_at(event, "item"), "ts"), text_at(event, "reaction").strip(":"), person_of(event)
    if not ts or not name or sender is None:
        return ignored(body, chat, f"{body.type}: it names no message, no emoji or nobody")
    if sender.id == body.bot_user_id:
        return ignored(body, chat, "our own reaction")
    named = (cut(name, 64),)
    return ReactionChanged(
        event_id=body.event_id,
        chat=chat,
        sender=sender,
        at=time_of(ts_at(event, "event_ts")),
        message_id=ts,
        message_key=message_key(chat.channel_id, ts),
        added=named if body.type == "reaction_added" else (),
        removed=named if body.type == "reaction_removed" else (),
    )


def _member(body: Body, chat: Chat) -> InboundEvent:
    sender = person_of(body.event)
    if sender is None:
        return ignored(body, chat, f"{body.type}: it names nobody")
    came, is_ours = body.type == "member_joined_channel", sender.id == body.bot_user_id
    change = ("bot_added" if came else "bot_removed") if is_ours else ("joined" if came else "left")
    return _membership(body, chat, change, sender)


def _membership(body: Body, chat: Chat, change: str, sender: Sender | None) -> InboundEvent:
    return MembershipChanged(
        event_id=body.event_id,
        chat=chat,
        sender=sender,
        at=time_of(ts_at(body.event, "event_ts")),
        change=change,
        members=(sender,) if sender else (),
    )


def _moved(body: Body) -> InboundEvent:
    """A channel that is shared with others gets another id."""
    old, new = id_at(body.event, "old_channel_id"), id_at(body.event, "new_channel_id")
    if not old or not new:
        return ignored(body, None, "channel_id_changed: it names no two channels")
    return MembershipChanged(
        event_id=body.event_id,
        chat=make_chat(body, old),
        at=time_of(ts_at(body.event, "event_ts")),
        change="migrated",
        old_chat=make_chat(body, old),
        new_chat=make_chat(body, new),
    )


def _disconnected(body: Body) -> InboundEvent:
    """Our token is worth nothing any more; one of a person's own is not ours."""
    if body.type == "tokens_revoked":
        listed = object_at(body.event, "tokens").get("bot")
        bots = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
        if not bots or (body.bot_user_id and body.bot_user_id not in bots):
            return ignored(body, None, "tokens_revoked: not our bot's token")
    return MembershipChanged(event_id=body.event_id, change=DISCONNECTED)
