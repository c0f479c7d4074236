"""Agents in Slack: conversations of another channel in threads; notes stay, answers leave by an explicit act."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.conversations.media import settle_fetch
from chaskiq_core.desk import integrations
from chaskiq_core.effects import AddPart, Author
from chaskiq_core.integrations.find import find_stored
from chaskiq_core.model import ConversationPart, Delivery, RoleName
from chaskiq_core.model.ids import AppUserId
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_core.staff.agents import add_agent, list_agents
from chaskiq_core.store.unit import Unit
from chaskiq_slack.fields import object_at, objects_at
from tests.harness.databases import Database
from tests.harness.house import ANN, a_message
from tests.harness.slack_desk import SlackDesk, a_slack_desk
from tests.harness.tiny_channel import SECRET, TinyChannel
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

AGENTS = "C0AGENTS"
ANN_IN_SLACK, BOB_IN_SLACK, STRANGER = "U0ANN", "U0BOB", "U0GUEST"
BOB = "bob@example.org"


@dataclass(slots=True)
class Office:
    """Agents in a channel of Slack, a customer at the tiny provider."""

    slack: SlackDesk
    tiny: TinyChannel
    said: int = field(default=0)

    async def customer_writes(self, text: str, **more: object) -> ConversationView:
        """A customer's message, and the conversation with its thread."""
        self.said += 1
        body = json.dumps({"messages": [a_message(self.said, text, **more)]}).encode()  # type: ignore[arg-type]
        answer = await self.slack.chaskiq.receive(
            "hook-tiny", WebhookRequest(headers={"x-tiny-secret": SECRET}, body=body)
        )
        assert answer.status == 200
        conversation = await self.slack.conversation_with(text)
        await self.slack.quiet()
        return conversation

    async def thread(self) -> tuple[dict[str, object], list[dict[str, object]]]:
        """The head of the one thread, and what stands in it."""
        head, *rest = await self.slack.shown(AGENTS)
        return head, rest

    async def agent_writes(self, text: str, *, user: str = ANN_IN_SLACK) -> str:
        """An agent writes in the thread; the message's ts."""
        head, _ = await self.thread()
        ts = await self.slack.write(text, user=user, channel=AGENTS, thread_ts=head["ts"])
        await self.slack.quiet()
        return ts

    async def press(self, action: str, *, user: str = ANN_IN_SLACK, chosen: str | None = None) -> None:
        """An agent presses something at the head."""
        head, _ = await self.thread()
        more = {"selected_option": {"value": chosen}} if chosen else {}
        await self.slack.act(
            "/presses", {"user": user, "channel": AGENTS, "ts": head["ts"], "action_id": action, **more}
        )

    def sent(self) -> list[str]:
        """What the customer got."""
        return [piece.text for piece in self.tiny.outbox.sent]

    async def parts(self, conversation: ConversationView) -> list[PartView]:
        return await self.slack.parts(conversation.key)


@asynccontextmanager
async def an_office(database: Database, *, seen: Mapping[str, str] | None = None) -> AsyncIterator[Office]:
    """The office, its customers' channel and its agents' one; `seen` are more settings of Slack."""
    tiny = TinyChannel()
    more = {"mirror_channel": AGENTS, **(seen or {})}
    async with a_slack_desk(database, slack=more, plugins={"tiny": tiny}) as slack:
        sealed = slack.chaskiq.seal_settings("tiny", {}, hook_token="hook-tiny")
        await slack.ann.write(integrations.add, sealed, install=False)
        await slack.chaskiq.store.house_write(add_agent, slack.ann.app_key, email=BOB, name="Bob", role=RoleName.AGENT)
        await slack.act("/channels", {"id": AGENTS, "name": "agents"})
        for user, name, email in (
            (ANN_IN_SLACK, "Ann S.", ANN),
            (BOB_IN_SLACK, "Bob S.", BOB),
            (STRANGER, "Gus", "gus@x.example"),
        ):
            await slack.act("/users", {"id": user, "real_name": name, "name": name.lower(), "email": email})
        yield Office(slack, tiny)


async def test_a_conversation_is_a_thread_under_its_head(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("Where is <!channel> my order?", name="Maya *R*")
        head, rest = await office.thread()

        assert "Maya R" in str(head["blocks"])
        assert "on tiny" in str(head["blocks"])
        assert [(one["text"], one["thread_ts"]) for one in rest] == [
            ("Maya *R*\n\nWhere is &lt;!channel&gt; my order?", head["ts"])
        ]
        # The mirror is nobody's channel to the customer.
        assert [one.provider for one in (await office.slack.ann.read(desk.show, conversation.key)).channels] == ["tiny"]


async def test_all_that_is_said_is_told_in_order_and_notes_never_reach_the_customer(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("one")
        await office.slack.reply(conversation.key, "two")
        await office.slack.reply(conversation.key, "three is secret", private_note=True)
        await office.customer_writes("four")
        await office.slack.quiet()

        _, rest = await office.thread()
        assert [str(one["text"]).replace("\n", " ") for one in rest] == [
            "*Person 7*  one",
            "*Ann*  two",
            "*Ann* (internal note)  three is secret",
            "*Person 7*  four",
        ]
        assert office.sent() == ["two"]


async def test_what_an_agent_writes_in_the_thread_stays_inside(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        await office.agent_writes("who <@U0BOB> knows *this*?")
        parts = await office.parts(conversation)

        assert (parts[-1].text, parts[-1].private_note) == ("who @U0BOB knows this?", True)
        assert (parts[-1].author.type, parts[-1].author.name) == ("agent", "Ann")
        assert office.sent() == []
        # It is not told again in the thread that it came from.
        assert len((await office.thread())[1]) == 2


async def test_a_prefix_sends_it_to_the_customer(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        await office.agent_writes("!reply On its way & soon", user=BOB_IN_SLACK)
        await office.agent_writes("!replying is no prefix")
        await office.agent_writes("!reply")
        parts = await office.parts(conversation)

        assert office.sent() == ["On its way & soon"]
        assert [(one.text, one.private_note, one.author.name) for one in parts[1:]] == [
            ("On its way & soon", False, "Bob"),
            ("!replying is no prefix", True, "Ann"),
        ]


async def test_a_setting_of_the_channel_turns_it_round(database: Database) -> None:
    async with an_office(database, seen={"mirror_replies": "reply"}) as office:
        await office.customer_writes("help")
        await office.agent_writes("On its way")
        await office.agent_writes("!note but not really")

        assert office.sent() == ["On its way"]


async def test_a_shortcut_sends_a_note_on_once(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        ts = await office.agent_writes("Try turning it off")
        asked: dict[str, object] = {
            "user": BOB_IN_SLACK,
            "channel": AGENTS,
            "ts": ts,
            "callback_id": "chaskiq_mirror_send",
        }
        await office.slack.act("/shortcuts", asked)
        await until(lambda: _has(office, "Try turning it off"))
        await office.slack.quiet()
        parts = await office.parts(conversation)

        assert office.sent() == ["Try turning it off"]
        assert [(one.private_note, one.author.name) for one in parts[1:]] == [(True, "Ann"), (False, "Bob")]


async def test_a_customers_words_can_not_be_sent_on(database: Database) -> None:
    async with an_office(database) as office:
        await office.customer_writes("help")
        _, [told] = await office.thread()
        asked: dict[str, object] = {
            "user": ANN_IN_SLACK,
            "channel": AGENTS,
            "ts": told["ts"],
            "callback_id": "chaskiq_mirror_send",
        }
        await office.slack.act("/shortcuts", asked)
        await office.agent_writes("after")

        assert office.sent() == []


async def test_who_is_no_agent_speaks_as_the_bot_under_their_name(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        await office.agent_writes("I only pass by", user=STRANGER)
        parts = await office.parts(conversation)

        assert (parts[-1].text, parts[-1].author.type, parts[-1].private_note) == (
            "gus:\n\nI only pass by",
            "bot",
            True,
        )


async def test_the_heads_buttons_close_prioritise_assign_and_reopen(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        bob = next(one for one in await office.slack.ann.read(agents_of) if one[1] == "Bob")

        await office.press("chaskiq_mirror_prioritize")
        await office.press("chaskiq_mirror_assign", chosen=bob[0])
        await office.press("chaskiq_mirror_close", user=BOB_IN_SLACK)
        await until(lambda: _stands(office, conversation, state="closed", assignee="Bob", priority=True))
        await office.slack.quiet()
        head, _ = await office.thread()
        assert "closed, first, assigned to Bob" in str(head["blocks"])
        assert "chaskiq_mirror_reopen" in str(head["blocks"])
        [_, _, actions] = objects_at(head, "blocks")
        picker = objects_at(actions, "elements")[2]
        assert object_at(picker, "initial_option")["value"] == bob[0]
        events = [(one.event.action, one.author.name) for one in await office.parts(conversation) if one.event]
        assert sorted(events) == [("assigned", "Ann"), ("closed", "Bob"), ("prioritized", "Ann")]

        await office.press("chaskiq_mirror_reopen")
        await office.press("chaskiq_mirror_deprioritize")
        await office.press("chaskiq_mirror_assign", chosen="nobody")
        await until(lambda: _stands(office, conversation, state="opened", assignee=None, priority=False))


async def test_edits_and_deletions_are_told_both_ways(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        ts = await office.agent_writes("!reply on its wya")
        place: dict[str, object] = {"user": ANN_IN_SLACK, "channel": AGENTS, "ts": ts}
        await office.slack.act("/messages", {**place, "text": "!reply on its way"}, method="PATCH")
        await office.slack.quiet()
        assert [part.text for part in await office.parts(conversation)] == ["help", "on its way"]
        note = await office.slack.reply(conversation.key, "a note", private_note=True)
        await office.slack.quiet()
        edited = await office.slack.rest.patch(
            f"/conversations/{conversation.key}/parts/{note.key}", json={"text": "a better note"}
        )
        assert edited.status_code == 200
        await until(lambda: _is_told(office, "a better note"))
        await office.slack.act("/messages", place, method="DELETE")
        await office.slack.quiet()

        parts = await office.parts(conversation)
        assert [part.deleted_at is not None for part in parts] == [False, True, False]
        assert office.sent() == ["on its wya"]  # the tiny provider can change nothing


async def test_the_agents_own_talk_and_reactions_are_nobodys(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        _, [told] = await office.thread()
        await office.slack.write("lunch?", user=BOB_IN_SLACK, channel=AGENTS)
        root = await office.slack.write("a thread of our own", user=BOB_IN_SLACK, channel=AGENTS)
        await office.slack.write("!reply secret", user=BOB_IN_SLACK, channel=AGENTS, thread_ts=root)
        await office.slack.act(
            "/reactions", {"user": ANN_IN_SLACK, "channel": AGENTS, "ts": told["ts"], "name": "eyes"}
        )
        await office.slack.quiet()

        assert len((await office.slack.ann.read(desk.inbox)).items) == 1
        [part] = await office.parts(conversation)
        assert part.reactions == ()
        assert office.sent() == []


async def test_a_head_that_may_be_there_is_found_and_not_posted_again(database: Database) -> None:
    async with an_office(database) as office:
        await office.slack.fault(kind="reset_after", method="chat.postMessage")
        await office.customer_writes("one")
        await until(lambda: _is_told(office, "one"))
        await office.slack.quiet()

        heads = [one for one in await office.slack.shown(AGENTS) if "blocks" in one]
        assert len(heads) == 1


async def test_a_mirror_that_is_switched_off_lets_nothing_through(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        stored = await office.slack.ann.read(find_stored, office.slack.integration)
        sealed, _ = office.slack.chaskiq.change_settings(stored, {"mirror_channel": None})
        await office.slack.ann.write(integrations.change, office.slack.integration, sealed)
        office.slack.chaskiq.integrations.clear()  # else the settings of a second ago may be taken
        await office.agent_writes("!reply still secret")
        await office.agent_writes("still secret")

        assert office.sent() == []
        assert [part.text for part in await office.parts(conversation)] == ["help"]


def come_with_a_file(unit: Unit, key: str) -> str:
    """A customer's message whose two files are still at their provider; the part's key."""
    dialogue = lock_dialogue(unit, key)
    file = {"type": "file", "filename": "a.pdf", "provider_file_id": "f1", "state": "pending"}
    new = AddPart(
        content=document_from_text("with a file"),
        author=Author(app_user_id=AppUserId(dialogue.person.id)),
        details={"attachments": [file, {**file, "provider_file_id": "f2"}]},
    )
    [part] = perform(unit, dialogue, [new])
    return part.key


def give_up_file(unit: Unit, key: str, part_key: str, n: int) -> None:
    """The file can't be had."""
    dialogue = lock_dialogue(unit, key)
    [part] = unit.lock(unit.select(ConversationPart).where(ConversationPart.key == part_key))
    settle_fetch(unit, dialogue, part, n, None)


def waiting(unit: Unit) -> int:
    """Deliveries that are due later."""
    return len(unit.all(unit.select(Delivery).where(Delivery.due_at > unit.now, Delivery.attempts == 0)))


async def test_a_customers_files_are_waited_for(database: Database) -> None:
    async with an_office(database) as office:
        conversation = await office.customer_writes("help")
        system = office.slack.chaskiq.acting(office.slack.ann.app_key, as_system="tests")
        part = await system.write(come_with_a_file, conversation.key)
        assert await system.read(waiting) == 1
        assert not await _is_told(office, "with a file")

        await system.write(give_up_file, conversation.key, part, 0)
        assert await system.read(waiting) == 1
        await system.write(give_up_file, conversation.key, part, 1)
        await until(lambda: _is_told(office, "with a file"))


def agents_of(unit: Unit) -> list[tuple[str, str]]:
    """Ids and names."""
    return [(str(agent.id), agent.name) for agent, _ in list_agents(unit)]


async def _has(office: Office, text: str) -> bool:
    return text in office.sent()


async def _is_told(office: Office, text: str) -> bool:
    return any(text in str(one["text"]) for one in await office.slack.shown(AGENTS))


async def _stands(
    office: Office, conversation: ConversationView, *, state: str, assignee: str | None, priority: bool
) -> bool:
    now = await office.slack.ann.read(desk.show, conversation.key)
    return (now.state, now.assignee.name if now.assignee else None, now.priority) == (state, assignee, priority)
