"""What else happens in a chat: buttons, reactions, members; and what says nothing to us is ignored with its reason."""

import pytest

from chaskiq_core.plugin import (
    ButtonPressed,
    Chat,
    Ignored,
    InboundEvent,
    MembershipChanged,
    MessageDeleted,
    ReactionChanged,
)
from chaskiq_plugins.telegram.tests.telegram_updates import (
    ANONYMOUS,
    BOT,
    FORUM,
    GROUP,
    NEWS,
    OMAR,
    OWNER,
    RUTH,
    Fields,
    message,
    parse,
    parse_as,
    private,
    update,
)

KEYBOARD: Fields = {
    "inline_keyboard": [
        [{"text": "Docs", "url": "https://example.org"}],
        [{"text": "Yes, please", "callback_data": "y:7"}, {"text": "No", "callback_data": "n:7"}],
    ]
}


def pressed(**fields: object) -> ButtonPressed:
    query: Fields = {
        "id": "4611686018427387904",
        "from": RUTH,
        "message": message(sender=BOT, text="Keep it?", reply_markup=KEYBOARD),
        "chat_instance": "-1",
        "data": "y:7",
    }
    return parse_as(ButtonPressed, update("callback_query", query | fields))


def test_a_pressed_button_tells_what_stood_on_it() -> None:
    event = pressed()

    assert (event.callback_id, event.data, event.title) == ("4611686018427387904", "y:7", "Yes, please")
    assert (event.message_id, event.message_key) == ("500", "71001:500")
    assert event.sender is not None
    assert event.sender.id == "71001"
    assert event.chat == Chat(channel_id="71001", key="71001")


def test_a_button_under_an_old_message_has_no_title() -> None:
    event = pressed(message={"chat": GROUP, "message_id": 31, "date": 0})

    assert (event.title, event.message_key) == (None, "-1009000100:31")


def test_a_button_under_an_inline_message_belongs_to_no_chat() -> None:
    event = pressed(message=None, inline_message_id="AAAA")

    assert (event.chat, event.message_id, event.message_key, event.title) == (None, None, None, None)


def test_a_button_in_a_topic_or_business_chat_belongs_there() -> None:
    in_topic = pressed(message=message(chat=FORUM, message_thread_id=9, is_topic_message=True))
    in_business = pressed(message=message(business_connection_id="c1"))

    assert in_topic.chat is not None
    assert in_business.chat is not None
    assert in_topic.chat.key == "-1009000200:topic:9"
    assert (in_business.chat.key, in_business.message_key) == ("biz:c1:71001", "c1:71001:500")


def test_a_game_button_has_its_games_name() -> None:
    event = pressed(data=None, game_short_name="race")

    assert (event.data, event.title) == (None, "race")


def emoji(*marks: str) -> list[Fields]:
    return [{"type": "emoji", "emoji": mark} for mark in marks]


@pytest.mark.parametrize(
    ("old", "new", "added", "removed"),
    [
        ([], emoji("🔥"), ("🔥",), ()),
        (emoji("🔥"), [], (), ("🔥",)),
        (emoji("🔥", "👍"), emoji("👍", "🎉"), ("🎉",), ("🔥",)),
        (emoji("🔥"), emoji("🔥", "🔥"), (), ()),
        ([], [{"type": "custom_emoji", "custom_emoji_id": "5368"}], ("5368",), ()),
        ([], [{"type": "paid"}], ("⭐",), ()),
        ([], [{"type": "sound"}, {}, "x", None], ("sound",), ()),
        (None, "x", (), ()),
    ],
)
def test_a_reaction_is_what_came_and_what_went(
    old: object, new: object, added: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    payload = {"chat": GROUP, "message_id": 31, "user": RUTH, "date": 1, "old_reaction": old, "new_reaction": new}
    event = parse_as(ReactionChanged, update("message_reaction", payload))

    assert (event.added, event.removed) == (added, removed)
    assert (event.message_id, event.message_key) == ("31", "-1009000100:31")


def test_a_channel_reacts_by_its_name() -> None:
    payload = {"chat": GROUP, "message_id": 31, "actor_chat": NEWS, "new_reaction": emoji("🔥")}
    event = parse_as(ReactionChanged, update("message_reaction", payload))

    assert event.sender is not None
    assert event.sender.name == "Bike News"


def member_update(kind: str, chat: Fields, old: Fields, new: Fields) -> InboundEvent:
    who = BOT if kind == "my_chat_member" else OMAR
    payload = {
        "chat": chat,
        "from": RUTH,
        "date": 1_790_000_000,
        "old_chat_member": {"user": who} | old,
        "new_chat_member": {"user": who} | new,
    }
    [event] = parse(update(kind, payload))
    return event


def is_a(status: str, **more: object) -> Fields:
    return {"status": status} | more


@pytest.mark.parametrize(
    ("kind", "chat", "old", "new", "change"),
    [
        ("my_chat_member", private(), is_a("member"), is_a("kicked"), "bot_blocked"),
        ("my_chat_member", private(), is_a("kicked"), is_a("member"), "bot_unblocked"),
        ("my_chat_member", GROUP, is_a("left"), is_a("member"), "bot_added"),
        ("my_chat_member", GROUP, is_a("kicked"), is_a("administrator"), "bot_added"),
        ("my_chat_member", GROUP, is_a("member"), is_a("kicked"), "bot_removed"),
        ("my_chat_member", GROUP, is_a("administrator"), is_a("left"), "bot_removed"),
        ("my_chat_member", GROUP, is_a("member"), is_a("administrator"), "bot_administrator"),
        ("my_chat_member", GROUP, is_a("member"), is_a("restricted", is_member=True), "bot_restricted"),
        ("my_chat_member", NEWS, is_a("left"), is_a("administrator"), "bot_added"),
        ("chat_member", GROUP, is_a("left"), is_a("member"), "joined"),
        ("chat_member", GROUP, is_a("member"), is_a("left"), "left"),
        ("chat_member", GROUP, is_a("member"), is_a("kicked"), "kicked"),
        ("chat_member", GROUP, is_a("member"), is_a("restricted", is_member=False), "left"),
        ("chat_member", GROUP, is_a("restricted", is_member=False), is_a("member"), "joined"),
        ("chat_member", GROUP, is_a("member"), is_a("administrator"), "administrator"),
    ],
)
def test_a_change_of_membership_is_named(kind: str, chat: Fields, old: Fields, new: Fields, change: str) -> None:
    event = member_update(kind, chat, old, new)

    assert isinstance(event, MembershipChanged)
    assert event.change == change
    assert event.sender is not None
    assert event.sender.id == "71001"
    assert [member.id for member in event.members] == ["6100200300" if kind == "my_chat_member" else "71002"]


@pytest.mark.parametrize(
    ("fields", "change", "members"),
    [
        ({"new_chat_members": [OMAR, OWNER], "new_chat_member": OMAR}, "joined", ["71002", "71900"]),
        ({"new_chat_participant": OMAR}, "joined", ["71002"]),
        ({"left_chat_member": OMAR, "left_chat_participant": OMAR}, "left", ["71002"]),
        ({"left_chat_participant": OMAR}, "left", ["71002"]),
    ],
)
def test_a_service_message_tells_of_members(fields: Fields, change: str, members: list[str]) -> None:
    event = parse_as(MembershipChanged, update(chat=GROUP, **fields))

    assert event.change == change
    assert [member.id for member in event.members] == members


def test_a_group_that_moved_is_told_from_both_ends() -> None:
    small: Fields = {"id": -4100, "type": "group", "title": "Tour"}
    large: Fields = {"id": -1009000400, "type": "supergroup", "title": "Tour"}
    left = parse_as(MembershipChanged, update(chat=small, migrate_to_chat_id=-1009000400))
    arrived = parse_as(
        MembershipChanged,
        update(chat=large, migrate_from_chat_id=-4100, sender=ANONYMOUS, sender_chat=large),
    )
    old = Chat(channel_id="-4100", is_group=True, title="Tour", key="-4100")
    new = Chat(channel_id="-1009000400", is_group=True, title="Tour", key="-1009000400")

    assert (left.change, arrived.change) == ("migrated", "migrated")
    assert (left.chat, left.new_chat, left.old_chat) == (old, new, None)
    assert (arrived.chat, arrived.new_chat, arrived.old_chat) == (new, None, old)


@pytest.mark.parametrize(("enabled", "change"), [(True, "business_connected"), (False, "business_disconnected")])
def test_a_business_connection_comes_and_goes(enabled: bool, change: str) -> None:
    payload = {"id": "c1", "user": OWNER, "user_chat_id": 71900, "date": 1, "is_enabled": enabled}
    event = parse_as(MembershipChanged, update("business_connection", payload))

    assert event.change == change
    assert event.chat is not None
    assert (event.chat.key, event.chat.thread_id) == ("biz:c1", "c1")


@pytest.mark.parametrize(
    "field",
    [
        "pinned_message",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "message_auto_delete_timer_changed",
        "successful_payment",
        "users_shared",
        "gift",
        "write_access_allowed",
        "proximity_alert_triggered",
        "boost_added",
        "forum_topic_created",
        "general_forum_topic_hidden",
        "giveaway_winners",
        "video_chat_started",
        "chat_owner_left",
        "community_chat_joined",
        "video_chat_of_tomorrow",
    ],
)
def test_a_service_message_is_nobodys(field: str) -> None:
    event = parse_as(Ignored, update(chat=GROUP, **{field: {"a": 1}}))

    assert event.reason == f"service message: {field}"
    assert event.chat is not None


def test_a_persons_words_are_not_lost_beside_a_service_field() -> None:
    [event] = parse(update(chat=GROUP, text="hello", new_chat_title="x"))

    assert event.kind == "message"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("inline_query", {"id": "1", "from": RUTH, "query": "x"}),
        ("chosen_inline_result", {"result_id": "1", "from": RUTH}),
        ("poll", {"id": "1", "question": "?"}),
        ("poll_answer", {"poll_id": "1", "user": RUTH, "option_ids": [0]}),
        ("message_reaction_count", {"chat": NEWS, "message_id": 3, "reactions": []}),
        ("chat_join_request", {"chat": GROUP, "from": RUTH}),
        ("chat_boost", {"chat": NEWS}),
        ("pre_checkout_query", {"id": "1", "from": RUTH}),
        ("subscription", {"id": "1"}),
        ("telepathy", {"chat": private(), "from": RUTH, "text": "hm"}),
        ("telepathy", 7),
        ("callback_query", {"from": RUTH}),
        ("message_reaction", {"chat": GROUP}),
        ("my_chat_member", {"chat": GROUP, "from": RUTH}),
        ("deleted_business_messages", {"business_connection_id": "c1", "chat": private(), "message_ids": "all"}),
    ],
)
def test_what_is_no_event_of_a_conversation_is_ignored_with_its_reason(kind: str, payload: object) -> None:
    assert parse_as(Ignored, update(kind, payload)).reason.startswith(kind)


def test_many_deletions_are_told_in_portions() -> None:
    payload = {"business_connection_id": "c1", "chat": private(), "message_ids": list(range(1, 251))}
    events = parse(update("deleted_business_messages", payload))

    assert [len(event.message_ids) for event in events if isinstance(event, MessageDeleted)] == [100, 100, 50]
