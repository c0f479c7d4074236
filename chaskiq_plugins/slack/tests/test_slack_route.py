"""Keys and lanes: what is the same message, and what waits for what."""

import json

import pytest

from chaskiq_core.plugin import JsonObject, UnreadableError, WebhookItem, WebhookRequest
from chaskiq_plugins.slack.tests.slack_bodies import (
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


def items(request: WebhookRequest) -> list[WebhookItem]:
    return list(channel.route(request, SETTINGS))


def key_of(happened: JsonObject, event_id: str = "Ev01") -> str:
    [item] = items(request(event(happened, event_id)))
    return item.dedupe_key


def test_a_mention_and_its_message_are_one_item() -> None:
    mention = {**message(), "type": "app_mention"}

    assert key_of(message(), "Ev01") == key_of(mention, "Ev02")


def test_a_repeat_is_the_same_item_whatever_its_event_id() -> None:
    assert key_of(message(), "Ev01") == key_of(message(), "Ev09")


def test_a_change_is_no_repeat_of_its_message() -> None:
    now = {"type": "message", "user": MAYA, "text": "b", "ts": TS, "edited": {"user": MAYA, "ts": "1790000050.000000"}}

    assert len({key_of(message()), key_of(changed(now, {})), key_of(changed(now, {}), "Ev02")}) == 3


def test_the_same_time_in_two_channels_is_two_messages() -> None:
    assert key_of(message()) != key_of(message(channel="C02"))


def test_a_time_that_is_a_number_is_no_key() -> None:
    assert key_of(message(ts=1790000000.0001), "Ev01") == "event:Ev01"


@pytest.mark.parametrize("missing", ["", None, 0, {}, ["Ev01"]])
def test_nothing_empty_is_ever_a_key(missing: object) -> None:
    body = {**event({"type": "reaction_added"}), "event_id": missing}
    [item] = items(request(body))

    assert item.dedupe_key.startswith("sha256:")


@pytest.mark.parametrize(
    "happened",
    [
        message(),
        message(thread_ts="1789999999.000100"),
        {
            "type": "reaction_added",
            "user": MAYA,
            "reaction": "eyes",
            "item": {"type": "message", "channel": CHANNEL, "ts": TS},
        },
        {"type": "message", "subtype": "message_deleted", "deleted_ts": TS, "channel": CHANNEL, "previous_message": []},
        {"type": "member_joined_channel", "user": MAYA, "channel": CHANNEL},
        {"type": "channel_rename", "channel": {"id": CHANNEL, "name": "n"}},
        {"type": "channel_id_changed", "old_channel_id": CHANNEL, "new_channel_id": "C09"},
    ],
)
def test_all_of_a_channel_waits_for_each_other(happened: JsonObject) -> None:
    [item] = items(request(event(happened)))

    assert item.lane == CHANNEL


def test_presses_and_commands_keep_the_order_of_their_channel() -> None:
    assert [item.lane for item in items(interaction(press()))] == [CHANNEL]
    assert [item.lane for item in items(form(command()))] == [CHANNEL]


def test_handshakes_are_no_items() -> None:
    assert items(request({"type": "url_verification", "challenge": "x"})) == []
    assert items(form({"ssl_check": "1", "token": "t"})) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'"text"',
        b'{"a": NaN}',
        b'{"a": ' * 80 + b"1" + b"}" * 80,
        b"\xff\xfe",
        b"payload=",
        b"payload=%7B",
        b"payload=[1]",
        b"payload=%7B%22a%22%3A+NaN%7D",
        b"payload=" + b"%7B%22a%22%3A" * 70 + b"1" + b"%7D" * 70,
        b"a=1&" * 300,
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
def test_what_slack_never_sends_is_unreadable(body: bytes, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    try:
        found = items(WebhookRequest(headers=headers, body=body))
    except UnreadableError:
        return
    # an empty form is a form of nothing that we know: stored, and ignored
    assert kind == "application/x-www-form-urlencoded"
    assert b"payload" not in body
    assert len(found) == 1


def test_json_is_read_whatever_its_content_type() -> None:
    body = json.dumps(event(message())).encode()

    assert items(WebhookRequest(headers={"content-type": "text/plain"}, body=body)) == items(
        WebhookRequest(headers={"content-type": "application/x-www-form-urlencoded"}, body=b" " + body)
    )
