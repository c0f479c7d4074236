"""Whatever a body holds, route and parse answer, and agree: an event, an ignored one, or UnreadableError."""

import copy
import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.plugin import (
    InboundEvent,
    JsonObject,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    StatusChanged,
    UnreadableError,
    WebhookRequest,
)
from chaskiq_plugins.slack.tests.slack_bodies import (
    BOT_USER,
    CHANNEL,
    MAYA,
    SETTINGS,
    TS,
    changed,
    command,
    event,
    form,
    interaction,
    message,
    press,
    request,
)
from chaskiq_slack import channel

WRITTEN = {"type": "message", "user": MAYA, "text": "a", "ts": TS, "thread_ts": TS}
EVENTS: list[JsonObject] = [
    message(
        "*look* <https://a.example|at &amp; this> `x`",
        blocks=[
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "t"}]}],
            }
        ],
        user_profile={"display_name": "Maya"},
        thread_ts="1789999999.000100",
    ),
    {
        **message(""),
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "t"}, "fields": [{"text": "f"}]}],
    },
    message(
        "",
        attachments=[{"text": "t", "fields": [{"title": "a", "value": "b"}]}],
        bot_profile={"id": "B9", "app_id": "A9"},
    ),
    message(
        subtype="file_share",
        files=[{"id": "F1", "name": "n", "mimetype": "image/png", "size": 5, "mode": "hosted", "duration_ms": 5}],
    ),
    message(user=BOT_USER, metadata={"event_type": "chaskiq_piece", "event_payload": {"key": "k-0"}}),
    changed({**WRITTEN, "text": "b", "edited": {"user": MAYA, "ts": "1790000050.000000"}}, WRITTEN),
    changed({**WRITTEN, "subtype": "tombstone"}, WRITTEN),
    {
        "type": "message",
        "subtype": "message_deleted",
        "channel": CHANNEL,
        "deleted_ts": TS,
        "previous_message": WRITTEN,
    },
    {
        "type": "reaction_added",
        "user": MAYA,
        "reaction": "eyes",
        "item": {"type": "message", "channel": CHANNEL, "ts": TS},
    },
    {"type": "member_joined_channel", "user": BOT_USER, "channel": CHANNEL},
    {"type": "channel_id_changed", "old_channel_id": CHANNEL, "new_channel_id": "C09"},
    {"type": "tokens_revoked", "tokens": {"bot": [BOT_USER]}},
    {"type": "channel_rename", "channel": {"id": CHANNEL, "name": "n"}},
]
BODIES: list[JsonObject] = [*(event(one) for one in EVENTS), press()]
JUNK: st.SearchStrategy[object] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["", "<", "<!channel>", "```", "*_~", "\x00", "\ud800", "1.1", 10**400, "x" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in a body."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inside:
        yield from places(item, (*path, name))


def with_value(body: JsonObject, path: tuple[str | int, ...], value: object, *, gone: bool) -> JsonObject:
    """The body with another value at that place, or none."""
    body = copy.deepcopy(dict(body))
    holder: object = body
    for name in path[:-1]:
        assert isinstance(holder, dict | list)
        holder = holder[name]  # type: ignore[index]
    assert isinstance(holder, dict | list)
    if gone:
        del holder[path[-1]]  # type: ignore[arg-type]
    else:
        holder[path[-1]] = value  # type: ignore[index]
    return body


@st.composite
def mutated(draw: st.DrawFn) -> JsonObject:
    """A body with up to three of its fields gone or holding something else."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(body))
        if not found:
            break
        body = with_value(body, draw(st.sampled_from(found)), draw(JUNK), gone=draw(st.booleans()))
    return body


def check(body: WebhookRequest) -> None:
    """What the core relies on."""
    try:
        items = channel.route(body, SETTINGS)
    except UnreadableError:
        return
    assert items == channel.route(body, SETTINGS)
    for item in items:
        assert item.dedupe_key
        events = channel.parse(body, item, SETTINGS)
        assert events
        for one in events:
            check_event(one, item.lane)
            assert json.dumps(repr(one)).isascii()


def check_event(one: InboundEvent, lane: str) -> None:
    if one.chat is not None:
        assert one.chat.channel_id == lane
    if one.sender is not None:
        assert one.sender.id
        assert one.sender.name
    match one:
        case MessageReceived() | MessageEdited() | ReactionChanged() | StatusChanged():
            assert one.message_id
            assert one.message_key
        case MessageDeleted():
            assert all(one.message_keys)
    if isinstance(one, MessageReceived):
        one.text.encode()
        assert "\x00" not in one.text
        assert one.text.strip() or one.attachments


@given(mutated())
def test_any_field_may_be_gone_or_of_another_type(body: JsonObject) -> None:
    check(interaction(body) if body.get("type") == "block_actions" else request(body))


@given(JUNK)
def test_any_json_is_read_or_refused(body: object) -> None:
    check(request(body))


@given(st.binary(max_size=200), st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]))
def test_any_bytes_are_read_or_refused(body: bytes, kind: str) -> None:
    check(WebhookRequest(headers={"content-type": kind} if kind else {}, body=body))


@given(st.dictionaries(st.sampled_from([*command(), "payload", "ssl_check"]), st.text(max_size=30), max_size=8))
def test_any_form_is_read_or_refused(fields: dict[str, str]) -> None:
    try:
        body = form({**command(), **fields})
    except UnicodeEncodeError:
        return
    check(body)


@given(st.text(max_size=400))
def test_any_text_is_shown(text: str) -> None:
    check(request(event(message(text))))
