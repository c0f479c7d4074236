"""Each element of a body has its own key and lane, whatever stands beside it."""

from collections.abc import Sequence

import pytest

from chaskiq_core.plugin import UnreadableError, WebhookItem
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import (
    OMAR,
    OTHER_NUMBER_ID,
    RUTH,
    RUTH_CONTACT,
    RUTH_ID,
    SETTINGS,
    body,
    message,
    messages,
    request,
    status,
    value,
)
from chaskiq_whatsapp import channel


def routed(told: object) -> Sequence[WebhookItem]:
    return channel.route(request(told), SETTINGS)


def test_messages_and_statuses_of_many_entries_are_items_of_their_own() -> None:
    told = body(
        ("messages", value(messages=[message(), message(wamid="wamid.A2", **{"from": OMAR})], statuses=[status()])),
        ("messages", value(statuses=[status("read")], contacts=[])),
    )
    entries = told["entry"]
    assert isinstance(entries, list)
    entries.append({"id": "9", "changes": [{"field": "account_update", "value": {"event": "X"}}]})

    assert [(item.path, item.dedupe_key, item.lane) for item in routed(told)[:4]] == [
        ("/entry/0/changes/0/value/messages/0", "wamid.A1", RUTH),
        ("/entry/0/changes/0/value/messages/1", "wamid.A2", OMAR),
        ("/entry/0/changes/0/value/statuses/0", "wamid.O1:delivered:1790000100", RUTH),
        ("/entry/0/changes/1/value/statuses/0", "wamid.O1:read:1790000100", RUTH),
    ]
    notice = routed(told)[4]
    assert notice.path == "/entry/1/changes/0"
    assert notice.dedupe_key.startswith("sha256:")
    assert notice.lane == ""


def test_a_person_without_a_phone_has_a_lane_of_their_own() -> None:
    hidden = message(**{"from": "", "from_user_id": RUTH_ID})
    [by_both], [by_id], [by_nobody] = (
        routed(messages(hidden)),
        routed(messages(hidden, contacts=[{"user_id": RUTH_ID}])),
        routed(messages({**hidden, "from_user_id": ""}, contacts=[])),
    )

    assert (by_both.lane, by_id.lane, by_nobody.lane) == (RUTH, RUTH_ID, "")


@pytest.mark.parametrize("nobody", ["", "0", "+0", "00-0", "null", 0, None])
def test_nobody_s_id_is_no_lane(nobody: object) -> None:
    [item] = routed(messages(message(**{"from": nobody, "from_user_id": None}), contacts=[{"wa_id": nobody}] * 2))

    assert item.lane == ""


def test_a_group_is_a_lane() -> None:
    assert [item.lane for item in routed(messages(message(group_id="Y2FwaV9ncm91cDox")))] == ["Y2FwaV9ncm91cDox"]


def test_another_number_of_the_app_has_other_chats() -> None:
    [item] = routed(messages(message(), number_id=OTHER_NUMBER_ID))

    assert item.lane == f"{OTHER_NUMBER_ID}:{RUTH}"


@pytest.mark.parametrize("wamid", ["", None, " ", [], {}, True, 1.5, 0, "0", "null", "None"])
def test_what_has_no_id_is_known_by_what_it_says(wamid: object) -> None:
    [one], [again], [other] = (
        routed(messages(message(wamid=wamid))),
        routed(messages(message(wamid=wamid))),
        routed(messages(message(wamid=wamid, text={"body": "other"}))),
    )

    assert one.dedupe_key.startswith("sha256:")
    assert one.dedupe_key == again.dedupe_key != other.dedupe_key


def test_an_id_that_no_index_takes_is_known_by_its_hash() -> None:
    [item] = routed(messages(message(wamid="w" * 100_000, **{"from": "4" * 100_000, "from_user_id": None})))

    assert len(item.dedupe_key) < 100
    assert len(item.lane) < 100


def test_the_same_status_at_another_time_or_of_another_person_is_another() -> None:
    several = [
        status(),
        status(),
        status(timestamp="1790000101"),
        status(recipient_participant_id="12"),
    ]
    keys = [item.dedupe_key for item in routed(body(("messages", value(statuses=several))))]

    assert len(set(keys)) == 3


def test_an_account_notice_that_comes_again_later_is_another() -> None:
    notice = ("phone_number_quality_update", {"event": "DOWNGRADE"})
    [one], [again], [later] = (routed(body(notice, time=time)) for time in (1, 1, 2))

    assert one.dedupe_key == again.dedupe_key != later.dedupe_key


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"object": "page", "entry": [{"changes": [{"field": "messages", "value": value(messages=[message()])}]}]},
        {"entry": {}},
        {"entry": [1]},
        {"entry": [{"changes": "x"}]},
        {"entry": [{"changes": [None]}]},
        {"entry": [{"changes": [{"field": "messages", "value": []}]}]},
        {"entry": [{"changes": [{"field": "messages", "value": {"messages": []}}]}]},
        {"entry": [{"changes": [{"field": "messages", "value": {"messages": [7]}}]}]},
        {"entry": [{"changes": [{"field": "history", "value": {"history": [{"threads": [{"messages": {}}]}]}}]}]},
    ],
)
def test_another_shape_is_one_quiet_item(told: object) -> None:
    [item] = routed(told)

    assert item.lane == ""
    assert item.dedupe_key.startswith("sha256:")
    [event] = channel.parse(request(told), item, SETTINGS)
    assert event.kind == "ignored"


def test_a_change_that_lost_its_name_is_known_by_what_it_holds() -> None:
    told = {"entry": [{"changes": [{"value": value(messages=[message()])}]}]}

    assert [item.lane for item in routed(told)] == [RUTH]


@pytest.mark.parametrize("raw", [b"", b"[]", b'"x"', b'{"entry": [NaN]}', b"{", b"\xff"])
def test_what_is_no_json_object_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        channel.route(request(raw), SETTINGS)


def test_a_thousand_messages_of_a_thousand_people_are_routed_at_once() -> None:
    people = [{**RUTH_CONTACT, "wa_id": str(4915000000 + n), "user_id": f"DE.{n}"} for n in range(1000)]
    several = [message(wamid=f"w{n}", **{"from": str(4915000000 + n), "from_user_id": None}) for n in range(1000)]

    items = routed(messages(*several, contacts=people))

    assert len({item.lane for item in items}) == len({item.dedupe_key for item in items}) == 1000
