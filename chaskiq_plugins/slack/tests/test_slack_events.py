"""What each of Slack's events becomes."""

import pytest

from chaskiq_core.plugin import (
    ButtonPressed,
    Ignored,
    JsonObject,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    SendStatus,
    StatusChanged,
)
from chaskiq_plugins.slack.tests.slack_bodies import (
    APP,
    BOT,
    BOT_USER,
    CHANNEL,
    DIRECT,
    MAYA,
    OMAR,
    ORGANISATION,
    OTHER_TEAM,
    TEAM,
    TS,
    changed,
    command,
    event,
    events_of,
    form,
    interaction,
    message,
    press,
    request,
    the_event,
)

EDITED = {"user": MAYA, "ts": "1790000050.000000"}


def received(happened: JsonObject, **envelope: object) -> MessageReceived:
    found = the_event(happened, **envelope)
    assert isinstance(found, MessageReceived)
    return found


def ignored(happened: JsonObject, **envelope: object) -> str:
    found = the_event(happened, **envelope)
    assert isinstance(found, Ignored), found
    return found.reason


def written(text: str = "hello", **more: object) -> JsonObject:
    """A message as it stands in a change."""
    return {"type": "message", "user": MAYA, "text": text, "ts": TS, **more}


def test_a_message_in_a_channel() -> None:
    found = received(message("a &amp; b"))

    assert (found.text, found.message_id, found.message_key) == ("a & b", TS, f"{CHANNEL}:{TS}")
    assert found.sender is not None
    assert (found.sender.id, found.sender.name, found.sender.is_bot) == (MAYA, MAYA, False)
    assert found.chat is not None
    assert (found.chat.channel_id, found.chat.thread_id, found.chat.is_group) == (CHANNEL, "", True)


def test_a_direct_message_is_no_group() -> None:
    chat = received(message(channel=DIRECT, channel_type="im")).chat

    assert chat is not None
    assert not chat.is_group


def test_a_thread_is_a_conversation_of_its_own() -> None:
    chat = received(message(thread_ts="1789999999.000100", parent_user_id=OMAR)).chat

    assert chat is not None
    assert (chat.channel_id, chat.thread_id) == (CHANNEL, "1789999999.000100")


def test_a_name_is_shown_where_slack_tells_one() -> None:
    sender = received(message(user_profile={"display_name": "", "real_name": "Maya R."})).sender

    assert sender is not None
    assert sender.name == "Maya R."


def test_of_a_shared_channel_the_conversation_is_ours_whoever_writes() -> None:
    ours = received(message())
    theirs = received(
        message(user="U9", team=OTHER_TEAM, user_team=OTHER_TEAM), team_id=OTHER_TEAM, is_ext_shared_channel=True
    )

    assert ours.chat is not None
    assert theirs.chat is not None
    assert ours.chat.key == theirs.chat.key
    assert theirs.sender is not None
    assert theirs.sender.data == {"team": OTHER_TEAM}


def test_an_installation_in_an_organisation_names_no_team() -> None:
    authorizations = [{"enterprise_id": ORGANISATION, "team_id": None, "user_id": BOT_USER, "is_bot": True}]
    found = received(message(), team_id=None, enterprise_id=ORGANISATION, authorizations=authorizations)

    assert found.chat is not None
    assert found.chat.key == f"{ORGANISATION}:{CHANNEL}"


@pytest.mark.parametrize("more", [{"ts": None}, {"ts": 5.5}, {"ts": ""}, {"ts": "now"}, {"ts": ["a"]}])
def test_a_message_without_its_time_still_has_a_name_of_its_own(more: JsonObject) -> None:
    found = received({**message(), **more, "event_ts": None})

    assert (found.message_id, found.message_key) == ("Ev01", f"{CHANNEL}:Ev01")


def test_a_message_of_another_app_is_a_machines() -> None:
    modern = received(message(bot_id="B9", app_id="A9", bot_profile={"id": "B9", "name": "Deploys", "app_id": "A9"}))
    classic = received({**message(), "user": None, "subtype": "bot_message", "bot_id": "B9", "username": "Deploys"})

    for found in (modern, classic):
        assert found.auto
        assert found.sender is not None
        assert (found.sender.name, found.sender.is_bot) == ("Deploys", True)


@pytest.mark.parametrize(
    "mine",
    [
        {"user": BOT_USER},
        {"app_id": APP, "bot_id": BOT},
        {"bot_profile": {"id": BOT, "app_id": APP}, "bot_id": BOT},
    ],
)
def test_our_own_message_is_no_customers(mine: JsonObject) -> None:
    assert ignored({**message(), **mine}) == "our own message"


def test_our_own_message_settles_its_delivery_by_the_name_it_carries() -> None:
    metadata = {"event_type": "chaskiq_piece", "event_payload": {"key": "01ABC-0"}}
    found = the_event(message(user=BOT_USER, metadata=metadata))

    assert isinstance(found, StatusChanged)
    assert (found.status, found.attempt_id) == (SendStatus.SENT, "01ABC-0")
    assert (found.message_id, found.message_key) == (TS, f"{CHANNEL}:{TS}")


def test_another_apps_metadata_names_nothing_of_ours() -> None:
    metadata = {"event_type": "chaskiq_piece", "event_payload": {"key": "01ABC-0"}}

    assert received(message(bot_id="B9", app_id="A9", metadata=metadata)).attempt_id is None


@pytest.mark.parametrize(
    "subtype",
    ["channel_join", "channel_leave", "channel_topic", "group_purpose", "pinned_item", "huddle_thread", "bot_add"],
)
def test_lines_of_the_system_are_nobodys_words(subtype: str) -> None:
    assert "Slack's own" in ignored(message("has done something", subtype=subtype))


def test_an_unknown_kind_that_somebody_wrote_is_seen() -> None:
    told = received(message("from the future", subtype="hologram"))
    empty = received({**message(), "text": None, "blocks": "none"})

    assert (told.text, told.unsupported) == ("from the future", True)
    assert empty.unsupported
    assert "can't be shown" in empty.text


def test_what_stands_in_blocks_only_is_read_there() -> None:
    rich = [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "a <b> & "}, {"type": "user", "user_id": OMAR}],
                },
                {
                    "type": "rich_text_list",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]},
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "link", "url": "https://a.example/?x=1&y=2", "text": "docs"}],
                },
            ],
        },
        "junk",
        {"type": "section", "text": {"type": "mrkdwn", "text": "*done* &lt;now&gt;"}},
    ]
    found = received(message("", blocks=rich))

    assert found.text == f"a <b> & @{OMAR}\n• one\n\nx = 1\n\ndocs (https://a.example/?x=1&y=2)\ndone <now>"
    assert not found.unsupported


def test_what_stands_in_attachments_only_is_read_there() -> None:
    old = [{"fallback": "no", "title": "Build 7", "text": "failed", "fields": [{"title": "branch", "value": "main"}]}]

    assert received(message("", attachments=old, bot_id="B9")).text == "Build 7\nfailed\nbranch: main"


def test_files_of_every_kind() -> None:
    files: list[object] = [
        {
            "id": "F1",
            "name": "a.png",
            "mimetype": "image/png",
            "size": 5,
            "mode": "hosted",
            "original_w": 3,
            "original_h": 4,
        },
        {"id": "F2", "name": "v.mp4", "mimetype": "audio/mp4", "subtype": "slack_audio", "duration_ms": 1500},
        {"id": "F3", "mimetype": "video/mp4", "subtype": "slack_video"},
        {"id": "F4", "file_access": "check_file_info"},
        {"id": "F5", "mode": "tombstone"},
        {"id": "F6", "name": "x", "file_access": "access_denied", "size": -4},
        {"id": None, "name": "nameless"},
        {"id": "F8", "title": "Plan", "mode": "external", "is_external": True, "url_private": "https://d.example/x|y"},
        "junk",
        None,
    ]
    found = received(message("", subtype="file_share", files=files))

    assert [one.type for one in found.attachments] == [
        "image",
        "voice",
        "video",
        "file",
        "file",
        "file",
        "file",
        "file",
    ]
    assert [one.unavailable for one in found.attachments] == [False, False, False, False, True, True, True, True]
    assert found.attachments[1].duration == 1.5
    assert (found.attachments[0].width, found.attachments[0].height) == (3, 4)
    assert found.text == "Plan (https://d.example/x%7Cy)"


def test_an_edit_has_the_new_text() -> None:
    found = the_event(changed(written("b", edited=EDITED), written("a")))

    assert isinstance(found, MessageEdited)
    assert (found.text, found.message_key) == ("b", f"{CHANNEL}:{TS}")


def test_an_edit_is_one_though_slack_tells_nothing_of_before() -> None:
    assert isinstance(the_event(changed(written("b", edited=EDITED), [])), MessageEdited)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (written(attachments=[{"title": "Preview"}]), written()),
        (written(attachments=[{"title": "Preview"}], edited={}), written()),
        (written(reply_count=3, thread_ts=TS), written(reply_count=2, thread_ts=TS)),
        (written(edited=EDITED, attachments=[{"title": "Preview"}]), written(edited=EDITED)),
        (
            written(blocks=[{"type": "section", "block_id": "x"}]),
            written(blocks=[{"type": "section", "block_id": "y"}]),
        ),
        (written(), []),
    ],
)
def test_previews_and_counts_are_no_edits(now: JsonObject, before: object) -> None:
    assert ignored(changed(now, before)).startswith("nothing that was written changed")


def test_a_removed_file_is_an_edit() -> None:
    assert isinstance(the_event(changed(written(files=[]), written(files=[{"id": "F1"}]))), MessageEdited)


def test_our_own_edit_is_no_news() -> None:
    assert ignored(changed({**written("b", edited=EDITED), "user": BOT_USER}, {})) == "our own message was changed"


@pytest.mark.parametrize(
    "happened",
    [
        {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "deleted_ts": TS, "previous_message": []},
        {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "previous_message": written()},
        changed({**written("This message was deleted."), "user": "USLACKBOT", "subtype": "tombstone"}, []),
    ],
)
def test_a_deleted_message(happened: JsonObject) -> None:
    found = the_event(happened)

    assert isinstance(found, MessageDeleted)
    assert found.message_keys == (f"{CHANNEL}:{TS}",)


def test_reactions_come_and_go() -> None:
    item = {"type": "message", "channel": CHANNEL, "ts": TS}
    came = the_event({"type": "reaction_added", "user": MAYA, "reaction": "eyes", "item": item})
    went = the_event({"type": "reaction_removed", "user": MAYA, "reaction": "eyes", "item": item})

    assert isinstance(came, ReactionChanged)
    assert isinstance(went, ReactionChanged)
    assert (came.added, came.removed, went.added, went.removed) == (("eyes",), (), (), ("eyes",))
    assert ignored({"type": "reaction_added", "user": BOT_USER, "reaction": "eyes", "item": item}) == "our own reaction"


@pytest.mark.parametrize(
    ("kind", "user", "change"),
    [
        ("member_joined_channel", BOT_USER, "bot_added"),
        ("member_joined_channel", MAYA, "joined"),
        ("member_left_channel", BOT_USER, "bot_removed"),
        ("member_left_channel", MAYA, "left"),
        ("channel_left", MAYA, "bot_removed"),
    ],
)
def test_who_came_and_went(kind: str, user: str, change: str) -> None:
    found = the_event({"type": kind, "user": user, "channel": CHANNEL, "channel_type": "C", "team": TEAM})

    assert isinstance(found, MembershipChanged)
    assert found.change == change


def test_a_channel_with_another_id_takes_its_conversation_along() -> None:
    found = the_event({"type": "channel_id_changed", "old_channel_id": CHANNEL, "new_channel_id": "C09"})

    assert isinstance(found, MembershipChanged)
    assert found.old_chat is not None
    assert found.new_chat is not None
    assert (found.old_chat.channel_id, found.new_chat.channel_id) == (CHANNEL, "C09")


@pytest.mark.parametrize(
    "happened",
    [
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": [MAYA], "bot": [BOT_USER]}},
    ],
)
def test_a_lost_token_disconnects(happened: JsonObject) -> None:
    found = the_event(happened)

    assert isinstance(found, MembershipChanged)
    assert (found.change, found.chat) == ("disconnected", None)


@pytest.mark.parametrize("tokens", [{"oauth": [MAYA]}, {"bot": []}, {"bot": ["U99"]}, {"bot": "all"}, [], None])
def test_somebody_elses_token_does_not(tokens: object) -> None:
    assert ignored({"type": "tokens_revoked", "tokens": tokens}) == "tokens_revoked: not our bot's token"


def test_a_press_says_which_option() -> None:
    [found] = events_of(interaction(press()))

    assert isinstance(found, ButtonPressed)
    assert (found.data, found.title, found.callback_id) == ("1", "No", "1790000001.1.abc")
    assert found.message_key == f"{CHANNEL}:{TS}"
    assert found.chat is not None
    assert found.chat.thread_id == "1789999999.000100"
    assert found.sender is not None
    assert (found.sender.id, found.sender.name) == (MAYA, "maya")


@pytest.mark.parametrize(
    ("action", "data", "title"),
    [
        ({"type": "static_select", "selected_option": {"text": {"text": "Returns"}, "value": "r"}}, "r", "Returns"),
        ({"type": "users_select", "selected_user": OMAR}, OMAR, None),
        ({"type": "button", "value": 7, "text": "x"}, None, None),
        ({}, None, None),
    ],
)
def test_a_choice_says_what_was_chosen(action: JsonObject, data: str | None, title: str | None) -> None:
    [found] = events_of(interaction(press(actions=[action])))

    assert isinstance(found, ButtonPressed)
    assert (found.data, found.title) == (data, title)


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_submission", "trigger_id": "1.2.a"},
        {"trigger_id": "1.2.a"},
        {},
        press(actions=[]),
        press(actions=[None, 4, "x"]),
        press(trigger_id=""),
    ],
)
def test_other_interactions_are_no_presses(payload: JsonObject) -> None:
    assert all(isinstance(one, Ignored) for one in events_of(interaction(payload)))


def test_a_press_on_the_home_page_belongs_to_no_channel() -> None:
    [found] = events_of(interaction(press(container={"type": "view", "view_id": "V1"}, channel=None)))

    assert isinstance(found, ButtonPressed)
    assert (found.chat, found.message_key) == (None, None)


def test_a_slash_command_is_a_message() -> None:
    [found] = events_of(form(command()))

    assert isinstance(found, MessageReceived)
    assert (found.text, found.command) == ("/help me & you", "help")
    assert found.sender is not None
    assert found.sender.name == "maya"


def test_a_command_of_nobody_is_ignored() -> None:
    [found] = events_of(form({"command": "/help", "trigger_id": "1.2.a"}))

    assert isinstance(found, Ignored)


@pytest.mark.parametrize(
    "happened",
    [
        {"type": "app_home_opened", "user": MAYA, "channel": DIRECT},
        {"type": "team_join", "user": {"id": MAYA}},
        {"type": "quantum_entangled", "channel": CHANNEL},
        {"type": None},
        {"type": "message"},
        {"type": "message", "channel": 7, "user": MAYA, "text": "x"},
        {"type": "reaction_added", "item": {"type": "file", "file": "F1"}},
    ],
)
def test_what_says_nothing_to_a_conversation_is_ignored(happened: JsonObject) -> None:
    assert ignored(happened)


@pytest.mark.parametrize(
    "body", [{"type": "app_rate_limited", "minute_rate_limited": 1}, {}, {"event": []}, {"event": "x"}]
)
def test_a_body_without_an_event_is_ignored(body: JsonObject) -> None:
    [found] = events_of(request(body))

    assert isinstance(found, Ignored)


def test_a_message_of_absurd_length_is_cut() -> None:
    assert len(received(message("x" * 300_000)).text) <= 100_000


def test_an_event_without_its_own_id() -> None:
    [found] = events_of(request({**event(message()), "event_id": None}))

    assert isinstance(found, MessageReceived)
    assert found.message_id == TS
