"""conversations.*: channels, who is in them, what was said there."""

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_slack.sandbox.errors import SlackError
from chaskiq_slack.sandbox.memory.rooms import GROUP, PUBLIC, shown_channel
from chaskiq_slack.sandbox.methods.call import Call, Done, done

MAX_PEOPLE = 8
MAX_PAGE = 1000
HISTORIES = ("channels:history", "groups:history", "im:history", "mpim:history")


def open_channel(call: Call) -> Done:
    """conversations.open"""
    call.scoped("im:write")
    people = [one for one in call.needed("users").split(",") if one]
    if len(people) > MAX_PEOPLE:
        raise SlackError("too_many_users")
    if any(call.sandbox.rooms.user(call.app.team, one) is None for one in people):
        raise SlackError("user_not_found")
    if len(people) == 1:
        return done(channel={"id": call.sandbox.rooms.direct(call.app.team, people[0], call.app.user_id)})
    channel = call.sandbox.rooms.add_channel(call.app.team, kind=GROUP)
    for one in (*people, call.app.user_id):
        call.sandbox.rooms.join(call.app.team, channel, one)
    return done(channel={"id": channel})


def join(call: Call) -> Done:
    """conversations.join"""
    call.scoped("channels:join")
    row = call.channel(is_member=False)
    if row["kind"] != PUBLIC:
        raise SlackError("method_not_supported_for_channel_type")
    channel = str(row["id"])
    if call.sandbox.rooms.join(call.app.team, channel, call.app.user_id):
        told: JsonObject = {"type": "member_joined_channel", "user": call.app.user_id, "channel": channel}
        ts = call.sandbox.messages.take_ts()
        call.teller.tell(call.app.team, channel, {**told, "channel_type": "C", "team": call.app.team, "event_ts": ts})
    return done(channel=shown_channel(row, is_member=True))


def info(call: Call) -> Done:
    """conversations.info"""
    call.scoped("channels:read", "groups:read", "im:read", "mpim:read")
    row = call.channel(is_member=False)
    return done(channel=shown_channel(row, is_member=_is_member(call, str(row["id"]))))


def list_channels(call: Call) -> Done:
    """conversations.list"""
    call.scoped("channels:read", "groups:read", "im:read", "mpim:read")
    found = [
        shown_channel(row, is_member=_is_member(call, str(row["id"])))
        for row in call.sandbox.rooms.channels(call.app.team)
        if row["kind"] == PUBLIC or _is_member(call, str(row["id"]))
    ]
    return done(channels=list[Json](found), response_metadata={"next_cursor": ""})


def members(call: Call) -> Done:
    """conversations.members"""
    call.scoped("channels:read", "groups:read", "im:read", "mpim:read")
    found = call.sandbox.rooms.members(call.app.team, str(call.channel(is_member=False)["id"]))
    return done(members=list[Json](found), response_metadata={"next_cursor": ""})


def history(call: Call) -> Done:
    """conversations.history"""
    call.scoped(*HISTORIES)
    channel = str(call.channel()["id"])
    return _page(call, call.sandbox.messages.page(call.app.team, channel, **_span(call)))


def replies(call: Call) -> Done:
    """conversations.replies"""
    call.scoped(*HISTORIES)
    channel, thread_ts = str(call.channel()["id"]), call.needed("ts", "thread_not_found")
    if call.sandbox.messages.find(call.app.team, channel, thread_ts) is None:
        raise SlackError("thread_not_found")
    return _page(call, call.sandbox.messages.page(call.app.team, channel, thread_ts=thread_ts, **_span(call)))


def _span(call: Call) -> dict[str, str]:
    return {"oldest": call.text("oldest"), "latest": call.text("latest")}


def _page(call: Call, found: list[JsonObject]) -> Done:
    """As many as were asked for; metadata only for who asks for it."""
    start = call.number("cursor", 0)
    limit = min(call.number("limit", 100), MAX_PAGE)
    shown = found[start : start + limit]
    if not call.flag("include_all_metadata"):
        shown = [{name: value for name, value in one.items() if name != "metadata"} for one in shown]
    has_more = start + limit < len(found)
    cursor = str(start + limit) if has_more else ""
    return done(messages=list[Json](shown), has_more=has_more, response_metadata={"next_cursor": cursor})


def _is_member(call: Call, channel: str) -> bool:
    return call.app.user_id in call.sandbox.rooms.members(call.app.team, channel)
