"""The channel in which agents follow conversations: what they write in a thread, press at its head, or send on."""

from dataclasses import replace

from chaskiq_core.plugin import (
    ActionAsked,
    Chat,
    InboundEvent,
    MessageEdited,
    MessageReceived,
    MirrorAction,
    Mirrored,
)
from chaskiq_slack.body import Body
from chaskiq_slack.chats import make_chat, message_key
from chaskiq_slack.fields import cut, object_at, objects_at, text_at, time_of, ts_at
from chaskiq_slack.head import ACTIONS, ASSIGN, NOBODY, SEND
from chaskiq_slack.manifest import SlackSettings
from chaskiq_slack.reading.message import ignored, read_message, retold
from chaskiq_slack.reading.people import person_of

PREFIXES: dict[str, Mirrored] = {"!reply": "reply", "!note": "note"}


def read_mirrored_message(body: Body, chat: Chat, settings: SlackSettings) -> InboundEvent:
    """A message in the channel; one outside of a thread is the agents' own talk."""
    event = read_message(body, chat)
    if isinstance(event, MessageReceived):
        if not chat.thread_id:
            return ignored(body, chat, "the agents' own talk", body.event)
        if event.auto:
            return ignored(body, chat, "a machine's message among the agents", body.event)
        text = text_at(body.event, "text")
        kind, said = _meant(text, settings)
        if said != text:
            event = retold(event, {**body.event, "text": said, "blocks": []})
        if not said and text and not event.attachments:
            return ignored(body, chat, "a prefix, and nothing to send")
        return replace(event, direction="out", mirrored=kind)
    if isinstance(event, MessageEdited):
        message = object_at(body.event, "message")
        _, said = _meant(text_at(message, "text"), settings)
        return retold(event, {**message, "text": said, "blocks": []}) if said else event
    return event


def read_head_press(body: Body, chat: Chat) -> InboundEvent:
    """A button or the picker at the head of a thread."""
    payload = body.event
    [action, *_] = objects_at(payload, "actions") or [{}]
    head_ts = ts_at(object_at(payload, "container"), "message_ts") or ts_at(object_at(payload, "message"), "ts")
    thread = make_chat(body, chat.channel_id, chat.thread_id or head_ts)
    action_id = text_at(action, "action_id")
    if action_id == ASSIGN:
        chosen = text_at(object_at(action, "selected_option"), "value")
        if not chosen or chosen == NOBODY:
            return _asked(body, thread, "unassign")
        return _asked(body, thread, "assign", agent_id=cut(chosen, 40))
    if action_id in ACTIONS:
        return _asked(body, thread, ACTIONS[action_id])
    return ignored(body, thread, "a button of nobody's among the agents")


def read_shortcut(body: Body, chat: Chat) -> InboundEvent:
    """A shortcut in the menu of a message: it goes to the contact."""
    message = object_at(body.event, "message")
    ts = ts_at(message, "ts")
    if text_at(body.event, "callback_id") != SEND or not ts or not chat.thread_id:
        return ignored(body, chat, "a shortcut of nobody's")
    return _asked(body, chat, "send", message=message_key(chat.channel_id, ts))


def _asked(
    body: Body, chat: Chat, action: MirrorAction, *, agent_id: str | None = None, message: str | None = None
) -> InboundEvent:
    [first, *_] = objects_at(body.event, "actions") or [{}]
    if not body.event_id:
        return ignored(body, chat, "a press without a trigger_id")
    return ActionAsked(
        event_id=body.event_id,
        chat=chat,
        sender=person_of(body.event),
        at=time_of(ts_at(first, "action_ts")),
        action=action,
        agent_id=agent_id,
        message_key=message,
    )


def _meant(text: str, settings: SlackSettings) -> tuple[Mirrored, str]:
    """Whether it is for the contact, and what is said without the prefix that tells so."""
    for prefix, kind in PREFIXES.items():
        rest = text[len(prefix) :]
        if text[: len(prefix)].lower() == prefix and (not rest or rest[0].isspace()):
            return kind, rest.strip()
    return settings.mirror_replies, text


def is_mirror(chat: Chat | None, settings: SlackSettings) -> bool:
    """Whether agents follow conversations in this channel."""
    return chat is not None and settings.mirror_channel == chat.channel_id
