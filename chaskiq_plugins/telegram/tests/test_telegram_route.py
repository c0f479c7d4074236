"""An update's lane is its chat, and its key is its own, whatever Telegram does with its numbers."""

from hashlib import sha256

import pytest

from chaskiq_core.plugin import Ignored, UnreadableError
from chaskiq_plugins.telegram.tests.telegram_updates import (
    BOT,
    FORUM,
    GROUP,
    NEWS,
    OWNER,
    RUTH,
    SETTINGS,
    message,
    parse_as,
    private,
    request,
    route,
    update,
)
from chaskiq_telegram import channel

CONNECTION = "bizConn_Qk3x"


@pytest.mark.parametrize(
    ("body", "lane"),
    [
        (update(text="hi"), "71001"),
        (update("edited_message", chat=GROUP, text="hi"), "-1009000100"),
        (update("channel_post", chat=NEWS, sender=None, text="hi"), "-1009000300"),
        (update(chat=FORUM, message_thread_id=9, is_topic_message=True, text="hi"), "-1009000200"),
        (update("business_message", business_connection_id=CONNECTION, text="hi"), f"{CONNECTION}:71001"),
        (
            update(
                "deleted_business_messages",
                {"business_connection_id": CONNECTION, "chat": private(), "message_ids": [1]},
            ),
            f"{CONNECTION}:71001",
        ),
        (
            update("business_connection", {"id": CONNECTION, "user": OWNER, "user_chat_id": 71900, "is_enabled": True}),
            f"{CONNECTION}:71900",
        ),
        (update("callback_query", {"id": "77", "from": RUTH, "message": message(chat=GROUP)}), "-1009000100"),
        (
            update("callback_query", {"id": "77", "from": RUTH, "message": message(business_connection_id=CONNECTION)}),
            f"{CONNECTION}:71001",
        ),
        (update("callback_query", {"id": "77", "from": RUTH, "inline_message_id": "AAA"}), ""),
        (update("message_reaction", {"chat": GROUP, "message_id": 3, "user": RUTH}), "-1009000100"),
        (update("my_chat_member", {"chat": private(), "from": RUTH}), "71001"),
        (update(chat={"id": -4100, "type": "group"}, migrate_to_chat_id=-1009000400), "-4100"),
        (update("inline_query", {"id": "9", "from": RUTH, "query": ""}), ""),
        (update("poll_answer", {"poll_id": "9", "user": RUTH}), ""),
        (update("from_the_future", {"chat": GROUP}), "-1009000100"),
        (update("from_the_future", {"id": "9"}), ""),
        ({"update_id": 1}, ""),
    ],
)
def test_the_lane_is_the_chat_without_its_topic(body: dict[str, object], lane: str) -> None:
    assert route(body).lane == lane


def test_a_repeat_has_the_same_key_and_all_else_another() -> None:
    first = update(text="hi")
    other_kind = {"update_id": first["update_id"], "edited_message": first["message"]}
    other_message = {"update_id": first["update_id"], "message": message(message_id=501, text="hi")}
    other_chat = {"update_id": first["update_id"], "message": message(chat=GROUP, text="hi")}
    other_number = {"update_id": 1, "message": first["message"]}

    keys = [route(body).dedupe_key for body in (first, other_kind, other_message, other_chat, other_number)]

    assert route(first).dedupe_key == keys[0]
    assert len(set(keys)) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"update"',
        b"{",
        b'{"update_id": NaN}',
        b"\xff",
        b'{"update_id": 1, "message": ' + b"[" * 70 + b"]" * 70 + b"}",
    ],
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        channel.route(request(body), SETTINGS)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"message": {}}',
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b'{"update_id": null}',
        b'{"update_id": 1.5}',
        b'{"update_id": 99999999999999999999}',
    ],
)
def test_an_object_of_another_shape_is_kept_and_ignored(body: bytes) -> None:
    [item] = channel.route(request(body), SETTINGS)
    [event] = channel.parse(request(body), item, SETTINGS)

    assert item.dedupe_key == f"sha256:{sha256(body).hexdigest()}"
    assert isinstance(event, Ignored)


@pytest.mark.parametrize(
    "payload",
    [None, 1, "x", [], {}, {"chat": None}, {"chat": {}}, {"chat": {"id": "x"}}, {"chat": [1]}, {"chat": {"id": 2**70}}],
)
@pytest.mark.parametrize("kind", ["message", "edited_message", "message_reaction", "my_chat_member", "channel_post"])
def test_an_odd_shape_belongs_to_no_chat_and_is_ignored(kind: str, payload: object) -> None:
    body = {"update_id": 5, kind: payload}

    assert route(body).lane == ""
    assert parse_as(Ignored, body).reason.startswith(kind)


def test_a_business_message_without_its_connection_is_not_taken_for_the_bots_own_chat() -> None:
    body = update("business_message", text="for the owner")

    assert route(body).lane == ""
    parse_as(Ignored, body)


def test_a_new_field_beside_the_payload_does_not_hide_it() -> None:
    body = {"brand_new": {"a": 1}, "update_id": 7, "message": message(text="hi")}

    assert route(body).dedupe_key == "7:message:71001:500"


def test_a_name_of_any_length_makes_a_short_key() -> None:
    item = route({"update_id": 7, "k" * 5000: {"chat": {"id": "9" * 5000}, "id": "x" * 5000}})

    assert item.lane == ""
    assert 0 < len(item.dedupe_key) < 100


def test_a_bot_is_no_exception() -> None:
    assert route(update(sender=BOT, chat=GROUP, text="hi")).lane == "-1009000100"
