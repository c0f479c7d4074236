"""chat.*: messages of apps, with Slack's limits."""

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_slack.sandbox.blocks import check_blocks
from chaskiq_slack.sandbox.errors import SlackError, ratelimited
from chaskiq_slack.sandbox.memory.messages import MILLION
from chaskiq_slack.sandbox.methods.call import Call, Done

MAX_TEXT = 40_000
MAX_UPDATE = 4_000
MAX_METADATA = 8_000


def post_message(call: Call) -> Done:
    """chat.postMessage"""
    call.scoped("chat:write")
    if call.text("channel").startswith(("U", "W")):
        call.parameters["channel"] = _direct(call, call.text("channel"))
    row = call.channel()
    channel, team = str(row["id"]), call.app.team
    message = _written(call, longest=MAX_TEXT)
    thread_ts = call.text("thread_ts")
    if thread_ts:
        parent = call.sandbox.messages.find(team, channel, thread_ts)
        if parent is None:
            raise SlackError("thread_not_found")
        message["thread_ts"] = thread_ts
        call.sandbox.messages.keep(team, channel, {**parent, "thread_ts": thread_ts})
    _pace(call, channel)
    ts = call.sandbox.messages.take_ts()
    message = {"type": "message", "ts": ts, "team": team, **call.app.author, **message}
    call.sandbox.messages.keep(team, channel, message)
    call.teller.tell_message(team, channel, {**message, "event_ts": ts})
    return Done({"ok": True, "channel": channel, "ts": ts, "message": message}, (ts,))


def update(call: Call) -> Done:
    """chat.update"""
    call.scoped("chat:write")
    channel, ts = str(call.channel()["id"]), call.needed("ts", "message_not_found")
    before = _own(call, channel, ts, "cant_update_message")
    changed = _written(call, longest=MAX_UPDATE)
    kept = {name: value for name, value in before.items() if name not in ("text", "blocks")}
    event_ts = call.sandbox.messages.take_ts()
    edited: JsonObject = {"user": call.app.user_id, "ts": event_ts}
    message: JsonObject = {**kept, **changed, "edited": edited}
    call.sandbox.messages.keep(call.app.team, channel, message)
    told: JsonObject = {"type": "message", "subtype": "message_changed", "message": message, "previous_message": before}
    call.teller.tell_message(call.app.team, channel, {**told, "hidden": True, "ts": event_ts, "event_ts": event_ts})
    return Done({"ok": True, "channel": channel, "ts": ts, "text": message.get("text"), "message": message})


def delete(call: Call) -> Done:
    """chat.delete"""
    call.scoped("chat:write")
    channel, ts = str(call.channel()["id"]), call.needed("ts", "message_not_found")
    before = _own(call, channel, ts, "cant_delete_message")
    call.sandbox.messages.remove(call.app.team, channel, ts)
    event_ts = call.sandbox.messages.take_ts()
    told: JsonObject = {"type": "message", "subtype": "message_deleted", "deleted_ts": ts, "previous_message": before}
    call.teller.tell_message(call.app.team, channel, {**told, "hidden": True, "ts": event_ts, "event_ts": event_ts})
    return Done({"ok": True, "channel": channel, "ts": ts})


def _direct(call: Call, user_id: str) -> str:
    if call.sandbox.rooms.user(call.app.team, user_id) is None:
        raise SlackError("channel_not_found")
    return call.sandbox.rooms.direct(call.app.team, user_id, call.app.user_id)


def _own(call: Call, channel: str, ts: str, otherwise: str) -> JsonObject:
    message = call.sandbox.messages.find(call.app.team, channel, ts)
    if message is None:
        raise SlackError("message_not_found")
    if message.get("bot_id") != call.app.bot_id:
        raise SlackError(otherwise)
    return message


def _written(call: Call, *, longest: int) -> JsonObject:
    """The text, the blocks and the metadata that were given."""
    text = call.text("text")
    if len(text) > longest:
        raise SlackError("msg_too_long")
    blocks = check_blocks(call.parameters["blocks"]) if call.parameters.get("blocks") else []
    if not text.strip() and not blocks and not call.parameters.get("attachments"):
        raise SlackError("no_text")
    written: JsonObject = {"text": text}
    if "mrkdwn" in call.parameters and not call.flag("mrkdwn"):
        written["mrkdwn"] = False
    if blocks:
        written["blocks"] = blocks
    if metadata := object_at(call.parameters, "metadata"):
        if len(str(metadata)) > MAX_METADATA:
            raise SlackError("metadata_too_large")
        if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
            raise SlackError("invalid_metadata_format")
        written["metadata"] = metadata
    return written


def _pace(call: Call, channel: str) -> None:
    """One message a second in a channel, with a few at once."""
    sandbox = call.sandbox
    if not sandbox.enforce_limits:
        return
    key, now = (call.app.team, channel), sandbox.now()
    free_at = max(sandbox.posted_at.get(key, 0.0), now - 3) + 1
    if free_at > now + 1 / MILLION:
        raise ratelimited(max(1, round(free_at - now)))
    sandbox.posted_at[key] = free_at
