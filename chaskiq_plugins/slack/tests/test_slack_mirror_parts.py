"""The agents' channel: what is read there, what its heads say, who the agents are."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chaskiq_core.plugin import (
    ActionAsked,
    AppUserView,
    ContentError,
    ConversationView,
    Ignored,
    InboundEvent,
    JsonObject,
    MessageEdited,
    MessageReceived,
    MirrorView,
    PersonView,
    ReauthError,
    RetryLaterError,
    StatusChanged,
    UnknownOutcomeError,
    WebhookRequest,
)
from chaskiq_plugins.slack.tests.slack_bodies import (
    BOT_USER,
    CHANNEL,
    MAYA,
    SETTINGS,
    TS,
    changed,
    event,
    interaction,
    message,
    press,
    request,
)
from chaskiq_plugins.slack.tests.slack_provider import no, ok, posted, scripted
from chaskiq_slack import channel
from chaskiq_slack.fields import object_at, objects_at
from chaskiq_slack.head import head_blocks
from chaskiq_slack.sandbox.blocks import check_blocks

pytestmark = pytest.mark.anyio

AGENTS = SETTINGS.model_copy(update={"mirror_channel": CHANNEL})
ROOT = "1789999999.000100"
NOW = datetime(2026, 9, 21, tzinfo=UTC)


def read(body: WebhookRequest, settings: object = AGENTS) -> InboundEvent:
    [item] = channel.route(body, AGENTS)
    [one] = channel.parse(body, item, settings)  # type: ignore[arg-type]
    return one


def said(text: str, **more: object) -> InboundEvent:
    return read(request(event(message(text, thread_ts=ROOT, **more))))


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("looking into it", "note", "looking into it"),
        ("!reply on its way", "reply", "on its way"),
        ("!REPLY\non its way", "reply", "on its way"),
        ("!reply *bold* &amp; so", "reply", "bold & so"),
        ("!note stays", "note", "stays"),
        ("!replyto nobody", "note", "!replyto nobody"),
        (" !reply not first", "note", " !reply not first"),
        ("say !reply", "note", "say !reply"),
    ],
)
def test_what_is_written_is_a_note_unless_it_says_so(text: str, kind: str, shown: str) -> None:
    found = said(text)

    assert isinstance(found, MessageReceived)
    assert (found.mirrored, found.direction, found.text.strip()) == (kind, "out", shown.strip())


def test_turned_round_it_is_an_answer_unless_it_says_so() -> None:
    turned = AGENTS.model_copy(update={"mirror_replies": "reply"})
    kinds = [read(request(event(message(text, thread_ts=ROOT))), turned) for text in ("a", "!note a", "!reply a")]

    assert [one.mirrored for one in kinds if isinstance(one, MessageReceived)] == ["reply", "note", "reply"]


@pytest.mark.parametrize(
    "happened",
    [
        message("lunch?"),
        message("!reply", thread_ts=ROOT),
        message("deployed", thread_ts=ROOT, bot_id="B9", app_id="A9"),
        message("joined", thread_ts=ROOT, subtype="channel_join"),
        message("own", thread_ts=ROOT, user=BOT_USER),
        {"type": "reaction_added", "user": MAYA, "reaction": "eyes", "item": {"channel": CHANNEL, "ts": TS}},
        {"type": "member_joined_channel", "user": MAYA, "channel": CHANNEL},
    ],
)
def test_the_agents_own_talk_is_nobodys(happened: JsonObject) -> None:
    assert isinstance(read(request(event(happened))), Ignored)


def test_an_edit_loses_its_prefix_too() -> None:
    now = {
        "type": "message",
        "user": MAYA,
        "text": "!reply new",
        "ts": TS,
        "thread_ts": ROOT,
        "edited": {"ts": "1790000050.000000"},
    }
    found = read(request(event(changed(now, {}))))

    assert isinstance(found, MessageEdited)
    assert found.text == "new"


def test_our_own_message_there_settles_its_delivery() -> None:
    metadata = {"event_type": "chaskiq_piece", "event_payload": {"key": "k-0"}}

    assert isinstance(said("x", user=BOT_USER, metadata=metadata), StatusChanged)


def head_press(action: JsonObject, **more: object) -> InboundEvent:
    container = {"type": "message", "message_ts": ROOT, "channel_id": CHANNEL}
    return read(interaction(press(actions=[action], container=container, **more)))


@pytest.mark.parametrize(
    ("action", "asked", "agent"),
    [
        ({"action_id": "chaskiq_mirror_close"}, "close", None),
        ({"action_id": "chaskiq_mirror_reopen"}, "reopen", None),
        ({"action_id": "chaskiq_mirror_prioritize"}, "prioritize", None),
        ({"action_id": "chaskiq_mirror_deprioritize"}, "deprioritize", None),
        ({"action_id": "chaskiq_mirror_assign", "selected_option": {"value": "42"}}, "assign", "42"),
        ({"action_id": "chaskiq_mirror_assign", "selected_option": {"value": "nobody"}}, "unassign", None),
        ({"action_id": "chaskiq_mirror_assign"}, "unassign", None),
    ],
)
def test_a_press_at_the_head_asks_for_something(action: JsonObject, asked: str, agent: str | None) -> None:
    found = head_press(action)

    assert isinstance(found, ActionAsked)
    assert (found.action, found.agent_id) == (asked, agent)
    assert found.chat is not None
    assert (found.chat.channel_id, found.chat.thread_id) == (CHANNEL, ROOT)
    assert found.sender is not None
    assert found.sender.id == MAYA


def test_other_presses_there_are_nobodys() -> None:
    assert isinstance(head_press({"action_id": "chaskiq_option_1", "value": "1"}), Ignored)
    assert isinstance(head_press({"action_id": "chaskiq_mirror_close"}, trigger_id=""), Ignored)


def shortcut(**more: object) -> InboundEvent:
    payload = {
        "type": "message_action",
        "callback_id": "chaskiq_mirror_send",
        "trigger_id": "1.2.a",
        "user": {"id": MAYA},
        "channel": {"id": CHANNEL},
        "message": {"ts": TS, "thread_ts": ROOT},
    }
    return read(interaction({**payload, **more}))


def test_a_shortcut_sends_a_message_on() -> None:
    found = shortcut()

    assert isinstance(found, ActionAsked)
    assert (found.action, found.message_key) == ("send", f"{CHANNEL}:{TS}")


@pytest.mark.parametrize(
    "more", [{"callback_id": "other"}, {"message": {"ts": TS}}, {"message": {}}, {"channel": {"id": "C9"}}]
)
def test_other_shortcuts_are_nobodys(more: JsonObject) -> None:
    assert isinstance(shortcut(**more), Ignored)


ANN = PersonView(id="7", kind="agent", name="Ann <& Co>", email=None, avatar_url=None)
LEAD = PersonView(id="1", kind="lead", name="Maya *", email=None, avatar_url=None)
VIEW = MirrorView(
    conversation=ConversationView(
        key="01CONVERSATION",
        state="opened",
        priority=False,
        subject="<!channel>",
        tags=(),
        assignee=ANN,
        team=None,
        main_participant=LEAD,
        participants=(LEAD,),
        channels=(),
        created_at=NOW,
        updated_at=NOW,
        closed_at=None,
        first_agent_reply_at=None,
        latest_user_visible_comment_at=None,
        unread_count=0,
        version=1,
    ),
    contact=AppUserView(
        id="1",
        kind="lead",
        name="Maya * <!here>",
        email="maya@example.org",
        avatar_url=None,
        phone=None,
        properties={},
        subscription_state="subscribed",
        profiles=(),
    ),
    agents=(ANN, *(replace(ANN, id=str(n), name="x" * 300) for n in range(100, 260))),
)


def test_the_head_says_who_where_and_how_it_stands() -> None:
    blocks = head_blocks(VIEW, hint="hint")
    shown = str(blocks)

    assert "opened, assigned to Ann &lt;&amp; Co&gt;" in shown
    assert "maya@example.org" in shown
    assert "<!" not in shown
    check_blocks([*blocks])  # type: ignore[list-item]
    [_, _, picker] = objects_at(blocks[2], "elements")
    assert object_at(picker, "initial_option")["value"] == "7"
    assert len(objects_at(picker, "options")) == 50


def test_a_conversation_of_nobody_has_a_head_too() -> None:
    bare = replace(VIEW, contact=replace(VIEW.contact, name=""), agents=())
    blocks = head_blocks(
        replace(bare, conversation=replace(bare.conversation, assignee=None, state="closed")), hint="h"
    )

    assert "Somebody" in str(blocks)
    assert "chaskiq_mirror_reopen" in str(blocks)


async def test_a_thread_is_begun() -> None:
    async with scripted(ok(channel={"id": CHANNEL}), posted(ts=ROOT)) as (script, context):
        assert await channel.open_mirror(VIEW, CHANNEL, False, context) == ROOT

    assert script.methods == ["conversations.info", "chat.postMessage"]
    assert script.asked[1][1]["metadata"] == {
        "event_type": "chaskiq_mirror",
        "event_payload": {"conversation": "01CONVERSATION"},
    }


async def test_a_thread_that_may_be_there_is_looked_for() -> None:
    ours = {"event_type": "chaskiq_mirror", "event_payload": {"conversation": "01CONVERSATION"}}
    other = {"event_type": "chaskiq_mirror", "event_payload": {"conversation": "01OTHER"}}
    history = ok(messages=[{"ts": "1.1", "metadata": other}, {"ts": ROOT, "metadata": ours}])
    async with scripted(history) as (script, context):
        assert await channel.open_mirror(VIEW, CHANNEL, True, context) == ROOT
    async with scripted(ok(messages=[]), ok(channel={}), posted(ts=ROOT)) as (script, context):
        assert await channel.open_mirror(VIEW, CHANNEL, True, context) == ROOT

    assert script.methods == ["conversations.history", "conversations.info", "chat.postMessage"]


@pytest.mark.parametrize("shared", ["is_ext_shared", "is_pending_ext_shared", "is_im", "is_mpim"])
async def test_where_others_read_along_nothing_is_mirrored(shared: str) -> None:
    async with scripted(ok(channel={"id": CHANNEL, shared: True})) as (script, context):
        with pytest.raises(ContentError, match="notes"):
            await channel.open_mirror(VIEW, CHANNEL, False, context)

    assert script.methods == ["conversations.info"]


async def test_what_can_not_be_looked_at_is_not_mirrored_either() -> None:
    async with scripted(no("missing_scope")) as (script, context):
        with pytest.raises(ReauthError):
            await channel.open_mirror(VIEW, CHANNEL, False, context)
    async with scripted(ok(channel={}), ok()) as (script, context):
        with pytest.raises(UnknownOutcomeError):
            await channel.open_mirror(VIEW, CHANNEL, False, context)

    assert len(script.methods) == 2


async def test_a_head_is_changed_in_its_place() -> None:
    async with scripted(ok()) as (script, context):
        await channel.show_mirror(VIEW, CHANNEL, ROOT, context)

    [(method, form)] = script.asked
    assert (method, form["ts"]) == ("chat.update", ROOT)


PROFILE = {"real_name": "Ann S.", "display_name": "", "email": "ann@example.org"}


@pytest.mark.parametrize(
    ("user", "email"),
    [
        ({"id": "U1", "profile": PROFILE}, "ann@example.org"),
        ({"id": "U1", "profile": PROFILE, "is_stranger": True}, None),
        ({"id": "U1", "profile": PROFILE, "is_bot": True}, None),
        ({"id": "U1", "profile": PROFILE, "is_email_confirmed": False}, None),
        ({"id": "U1", "profile": {"real_name": "Ann S."}}, None),
    ],
)
async def test_who_the_agents_are(user: JsonObject, email: str | None) -> None:
    async with scripted(ok(user=user)) as (_, context):
        found = await channel.fetch_profile("U1", context)

    assert (found.id, found.name, found.email) == ("U1", "Ann S.", email)


async def test_nobody_is_who_they_are_called() -> None:
    async with scripted(ok(user=[])) as (_, context):
        assert (await channel.fetch_profile("U1", context)).name == "U1"
    async with scripted(no("user_not_found")) as (_, context):
        with pytest.raises(Exception, match="user_not_found"):
            await channel.fetch_profile("U1", context)
    async with scripted(no("internal_error")) as (_, context):
        with pytest.raises(RetryLaterError):
            await channel.fetch_profile("U1", context)


def test_a_channel_that_is_none_is_refused_in_settings() -> None:
    for wrong in ("#agents", "D123", "general"):
        with pytest.raises(ValueError, match="channel's id"):
            type(SETTINGS).model_validate({**SETTINGS.model_dump(), "mirror_channel": wrong})
    assert type(SETTINGS).model_validate({**SETTINGS.model_dump(), "mirror_channel": ""}).mirror_channel is None
