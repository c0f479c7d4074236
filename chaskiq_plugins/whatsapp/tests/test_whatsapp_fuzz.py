"""Whatever a body holds, route and parse answer, and agree: one event an element, or UnreadableError."""

import copy
import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.plugin import (
    ButtonPressed,
    Chat,
    InboundEvent,
    MembershipChanged,
    MessageDeleted,
    MessageReceived,
    Sender,
    UnreadableError,
)
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import (
    BUSINESS,
    OMAR,
    RUTH,
    RUTH_ID,
    SETTINGS,
    Fields,
    body,
    message,
    request,
    status,
    value,
)
from chaskiq_whatsapp import channel
from chaskiq_whatsapp.people import lane_of

FILE: Fields = {"id": "9", "mime_type": "image/jpeg", "sha256": "x", "caption": "c", "filename": "f"}
MESSAGES: list[object] = [
    message(context={"from": BUSINESS, "id": "wamid.O1", "forwarded": False, "referred_product": {"catalog_id": "1"}}),
    message(referral={"source_type": "ad", "source_id": "1", "welcome_message": {"text": "hi"}}),
    *(message(kind, **{kind: FILE}) for kind in ("image", "video", "audio", "document", "sticker")),
    message("location", location={"latitude": 1.5, "longitude": 2, "name": "x", "address": "y"}),
    message("contacts", contacts=[{"name": {"formatted_name": "A"}, "phones": [{"phone": "1", "wa_id": "1"}]}]),
    message("interactive", interactive={"type": "button_reply", "button_reply": {"id": "0", "title": "t"}}),
    message("interactive", interactive={"type": "nfm_reply", "nfm_reply": {"response_json": '{"a": 1}', "body": "b"}}),
    message("button", button={"payload": "p", "text": "t"}),
    message("order", order={"text": "t", "product_items": [{"product_retailer_id": "B", "quantity": 1}]}),
    message("reaction", reaction={"message_id": "wamid.O1", "emoji": "🔥"}),
    message("system", system={"type": "user_changed_number", "wa_id": OMAR, "user_id": "BR.1"}),
    message("unsupported", errors=[{"code": 131051}], unsupported={"type": "poll"}),
    message("edit", edit={"original_message_id": "wamid.A0", "message": message("image", image=FILE)}),
    message("revoke", revoke={"original_message_id": "wamid.A0"}),
    message(group_id="Y2Fw"),
]
ERROR: Fields = {"code": 131026, "title": "t", "message": "m", "error_data": {"details": "d"}}
BODIES: list[Fields] = [
    *(body(("messages", value(messages=[one], statuses=[status()]))) for one in MESSAGES),
    body(("messages", value(statuses=[status("failed", errors=[ERROR], recipient_user_id=RUTH_ID)], errors=[ERROR]))),
    body(("smb_message_echoes", value(message_echoes=[{**message(), "from": BUSINESS, "to": RUTH}]))),
    body(
        (
            "history",
            value(
                history=[{"threads": [{"id": RUTH, "context": {"user_id": RUTH_ID}, "messages": [message()]}]}],
                messages=[message("image", image=FILE)],
            ),
        )
    ),
    body(("user_preferences", value(user_preferences=[{"wa_id": RUTH, "category": "c", "value": "stop"}]))),
    body(("account_update", {"event": "DISABLED_UPDATE"}), time=5),
]

Path = tuple[str | int, ...]


def paths(told: object, path: Path = ()) -> Iterator[Path]:
    """Every place in a body."""
    if path:
        yield path
    if isinstance(told, dict):
        for name, inner in told.items():
            yield from paths(inner, (*path, name))
    elif isinstance(told, list):
        for index, inner in enumerate(told):
            yield from paths(inner, (*path, index))


def holder_of(told: object, path: Path) -> object:
    for step in path[:-1]:
        told = told.get(step) if isinstance(told, dict) else told[int(step)] if isinstance(told, list) else None
    return told


NAMES = sorted({step for one in BODIES for path in paths(one) for step in path if isinstance(step, str)})
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            " ",
            "12",
            "-7",
            "0",
            "🚲",
            "\x00",
            "\ud83d",
            "text",
            "reaction",
            "system",
            "9" * 400,
            "w" * 3000,
            RUTH,
            "+ -",
        ]
    ),
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
    told: object = copy.deepcopy(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 4))):
        places = list(paths(told))
        if not places:
            break
        path = draw(st.sampled_from(places))
        holder, step = holder_of(told, path), path[-1]
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
    return told


def check(raw: bytes) -> list[InboundEvent]:
    """Route and parse agree on a body, and every value that leaves is one that a database takes."""
    arrived = request(raw)
    try:
        items = channel.route(arrived, SETTINGS)
    except UnreadableError:
        return []
    assert items
    found: list[InboundEvent] = []
    for item in items:
        [event] = channel.parse(arrived, item, SETTINGS)
        assert item.dedupe_key
        assert len(item.dedupe_key.encode()) < 1000
        assert lane_of(event.chat) == item.lane
        assert len(item.lane.encode()) < 600
        assert_storable(event)
        found.append(event)
    assert len({item.path for item in items}) == len(items)
    return found


def assert_storable(event: InboundEvent) -> None:
    senders: list[Sender | None] = [event.sender]
    chats: list[Chat | None] = [event.chat]
    assert event.event_id
    if isinstance(event, MessageReceived):
        senders.append(event.recipient)
        assert event.message_key
        assert event.text or event.attachments
        json.dumps([event.forwarded, event.referral]).encode()
        event.text.encode()
    if isinstance(event, MembershipChanged):
        senders += event.members
        chats += [event.new_chat, event.old_chat]
    if isinstance(event, MessageDeleted):
        assert all(event.message_keys)
    if isinstance(event, ButtonPressed):
        assert event.callback_id
        assert event.title
    for sender in senders:
        assert sender is None or (sender.id and sender.name and all(sender.aliases))
    assert all(chat.channel_id and chat.key for chat in chats if chat is not None)


@given(mutated())
def test_a_changed_body_never_breaks_anything(told: object) -> None:
    check(json.dumps(told).encode())


@given(st.sampled_from(BODIES), st.lists(values, max_size=3))
def test_what_stands_beside_an_element_takes_nothing_from_it(told: Fields, junk: list[object]) -> None:
    alone = check(json.dumps(told).encode())
    entries = told["entry"]
    assert isinstance(entries, list)
    beside = check(json.dumps({**told, "entry": [*junk, *entries, *junk]}).encode())

    assert [event.event_id for event in alone] == [
        event.event_id for event in beside if event.event_id in {one.event_id for one in alone}
    ]


@given(st.sampled_from(["messages", "smb_message_echoes", "history", "user_preferences", "x"]), values)
def test_any_value_of_any_field_has_its_events(field: str, told: object) -> None:
    check(json.dumps({"entry": [{"changes": [{"field": field, "value": told}]}]}).encode())


@given(values)
def test_any_message_has_its_event(told: object) -> None:
    check(json.dumps(body(("messages", value(messages=[told])))).encode())


@given(st.sampled_from(BODIES), st.data())
def test_a_body_cut_off_anywhere_is_unreadable(told: Fields, data: st.DataObject) -> None:
    whole = json.dumps(told).encode()
    check(whole)
    check(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    check(raw)
