"""Whatever a body holds, route and parse answer, and agree: an event, an ignored one, or UnreadableError."""

import copy
import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.plugin import Chat, InboundEvent, MembershipChanged, MessageReceived, Sender, UnreadableError
from chaskiq_plugins.telegram.tests.telegram_updates import (
    BOT,
    FORUM,
    GROUP,
    NEWS,
    OMAR,
    OWNER,
    RUTH,
    SETTINGS,
    Fields,
    message,
    private,
    request,
)
from chaskiq_telegram import channel
from chaskiq_telegram.update import KINDS

BODIES: list[Fields] = [
    {"update_id": 1, kind: payload}
    for kind, payload in [
        (
            "message",
            message(
                text="🚲 *look* https://example.org",
                entities=[
                    {"type": "bold", "offset": 3, "length": 6},
                    {"type": "url", "offset": 10, "length": 19},
                    {"type": "text_mention", "offset": 3, "length": 2, "user": OMAR},
                ],
                reply_to_message=message(message_id=4, text="?"),
                quote={"text": "?", "position": 0},
                forward_origin={"type": "user", "sender_user": OMAR, "date": 5},
            ),
        ),
        (
            "edited_message",
            message(
                chat=FORUM,
                message_thread_id=9,
                is_topic_message=True,
                caption="c",
                caption_entities=[{"type": "pre", "offset": 0, "length": 1, "language": "c"}],
                photo=[{"file_id": "p", "width": 4, "height": 4, "file_size": 9}],
                edit_date=6,
            ),
        ),
        ("message", message(chat=GROUP, animation={"file_id": "a"}, document={"file_id": "a", "file_size": 3})),
        ("message", message(venue={"location": {"latitude": 1.5, "longitude": 2}, "title": "x", "address": "y"})),
        ("message", message(contact={"phone_number": "1", "first_name": "a"}, via_bot=BOT)),
        ("message", message(poll={"question": "q", "options": [{"text": "a"}]})),
        ("message", message(paid_media={"star_count": 1, "paid_media": [{"type": "preview"}]})),
        ("message", message(rich_message={"blocks": [{"type": "list", "items": [{"label": "-", "blocks": []}]}]})),
        ("message", message(chat=GROUP, new_chat_members=[OMAR], new_chat_member=OMAR)),
        ("message", message(chat=GROUP, migrate_to_chat_id=-1009000400)),
        ("channel_post", message(sender=None, sender_chat=NEWS, chat=NEWS, text="n")),
        ("business_message", message(sender=OWNER, business_connection_id="c1", sticker={"file_id": "s"})),
        ("deleted_business_messages", {"business_connection_id": "c1", "chat": private(), "message_ids": [1, 2]}),
        ("business_connection", {"id": "c1", "user": OWNER, "user_chat_id": 71900, "is_enabled": True}),
        (
            "callback_query",
            {
                "id": "9",
                "from": RUTH,
                "data": "d",
                "message": message(
                    reply_markup={"inline_keyboard": [[{"text": "t", "callback_data": "d"}]]},
                ),
            },
        ),
        (
            "message_reaction",
            {
                "chat": GROUP,
                "message_id": 3,
                "user": RUTH,
                "old_reaction": [{"type": "paid"}],
                "new_reaction": [{"type": "emoji", "emoji": "🔥"}],
            },
        ),
        (
            "my_chat_member",
            {
                "chat": private(),
                "from": RUTH,
                "old_chat_member": {"user": BOT, "status": "member"},
                "new_chat_member": {"user": BOT, "status": "kicked"},
            },
        ),
    ]
]

Path = tuple[str | int, ...]


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Every place in a body."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def holder_of(body: object, path: Path) -> object:
    for step in path[:-1]:
        body = body[step] if isinstance(body, dict | list) else None  # type: ignore[index]  # why: a path made for it
    return body


NAMES = sorted({step for body in BODIES for path in paths(body) for step in path if isinstance(step, str)})
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["", "12", "-7", "0", "🚲", "\x00", "\ud83d", "kicked", "private", "bold", "9" * 400]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=5)), inner)
    ),
    max_leaves=12,
)


@st.composite
def mutated(draw: st.DrawFn) -> object:
    """One of the bodies with up to four places changed, dropped or added to."""
    body: object = copy.deepcopy(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 4))):
        places = list(paths(body))
        if not places:
            break
        path = draw(st.sampled_from(places))
        holder = holder_of(body, path)
        step = path[-1]
        if isinstance(holder, dict):
            match draw(st.sampled_from(["change", "drop", "add"])):
                case "drop":
                    holder.pop(step, None)
                case "add":
                    holder[draw(st.sampled_from(NAMES))] = draw(values)
                case _:
                    holder[step] = draw(values)
        elif isinstance(holder, list) and isinstance(step, int) and step < len(holder):
            holder[step] = draw(values)
    return body


def check(body: bytes) -> None:
    """Route and parse agree on a body, and every value that leaves is one that a database takes."""
    arrived = request(body)
    try:
        [item] = channel.route(arrived, SETTINGS)
    except UnreadableError:
        return
    events = channel.parse(arrived, item, SETTINGS)
    assert events
    assert item.dedupe_key
    for event in events:
        assert lane_of(event) == item.lane
        assert_storable(event)


def lane_of(event: InboundEvent) -> str:
    if event.chat is None:
        return ""
    kind, _, rest = event.chat.key.partition(":")
    return f"{rest.partition(':')[0]}:{event.chat.channel_id}" if kind == "biz" else event.chat.channel_id


def assert_storable(event: InboundEvent) -> None:
    senders: list[Sender | None] = [event.sender]
    chats: list[Chat | None] = [event.chat]
    if isinstance(event, MessageReceived):
        senders.append(event.recipient)
        assert event.message_key
        assert event.text or event.attachments
        json.dumps(event.forwarded).encode()
        event.text.encode()
    if isinstance(event, MembershipChanged):
        senders += event.members
        chats += [event.new_chat, event.old_chat]
    assert all(sender.id and sender.name for sender in senders if sender is not None)
    assert all(chat.channel_id and chat.key for chat in chats if chat is not None)


@given(mutated())
def test_a_changed_update_never_breaks_anything(body: object) -> None:
    check(json.dumps(body).encode())


@given(st.sampled_from(sorted(KINDS)), values)
def test_any_payload_of_any_kind_has_its_event(kind: str, payload: object) -> None:
    check(json.dumps({"update_id": 1, kind: payload}).encode())


@given(st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), values, max_size=5), st.integers())
def test_any_object_with_an_update_id_is_read(fields: dict[str, object], update_id: int) -> None:
    check(json.dumps({**fields, "update_id": update_id}).encode())


@given(st.sampled_from(BODIES), st.data())
def test_a_body_cut_off_anywhere_is_unreadable(body: Fields, data: st.DataObject) -> None:
    whole = json.dumps(body).encode()
    check(whole)
    check(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    check(body)
