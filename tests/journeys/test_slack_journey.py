"""The story of Slack over real HTTP: people in a workspace write, an agent answers, and what goes wrong in between."""

import pytest

from chaskiq_core import desk
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.desk import integrations
from chaskiq_core.effects import AddPart
from chaskiq_core.plugin import Document, Mark, MarkKind, Paragraph, Text, ask_option
from chaskiq_core.store.unit import Unit
from chaskiq_slack.fields import objects_at
from tests.harness.databases import Database
from tests.harness.slack_desk import HELP, MAYA, TOKEN, a_slack_desk
from tests.harness.wait import until

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def bold(text: str) -> Document:
    return Document(blocks=(Paragraph(inlines=(Text(text=text, marks=frozenset({Mark(kind=MarkKind.BOLD)})),)),))


async def test_a_conversation_with_all_that_it_can_hold(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        await slack.send_file("kiln.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50, text="*look* at <https://a.example|this>")
        conversation = await slack.conversation_with("look at this")
        await slack.quiet()
        [written] = await slack.parts(conversation.key)
        assert [(one["filename"], one["state"]) for one in written.attachments] == [("kiln.png", "ready")]
        assert "<strong>look</strong>" in written.html

        await slack.reply(conversation.key, bold("Thank <!channel> & you"))
        long = "\n\n".join(f"Paragraph {n}: " + "words " * 60 for n in range(20))
        await slack.reply(conversation.key, long)
        report = await slack.upload("report.txt", b"the report")
        await slack.reply(conversation.key, "The report", attachments=(report,))
        await slack.quiet()

        ours = await slack.shown_by_us()
        assert ours[0]["text"] == "*Thank &lt;!channel&gt; &amp; you*"
        assert len(ours) == 4
        assert all(len(str(one["text"])) <= 4000 for one in ours)
        assert ours[3]["text"] == "The report"
        assert [(one["name"], one["size"]) for one in objects_at(ours[3], "files")] == [("report.txt", 10)]
        parts = await slack.parts(conversation.key)
        assert [part.deliveries[0].state for part in parts[1:]] == ["sent"] * 3
        assert parts[3].deliveries[0].external_ids == (ours[3]["ts"],)
        # All that we wrote came back as events, and none of it is anybody's word.
        assert len(parts) == 4


async def test_an_edit_and_a_deletion_reach_both_sides(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        ts = await slack.write("order 20148")
        conversation = await slack.conversation_with("order 20148")
        reply = await slack.reply(conversation.key, "Got it")
        await slack.quiet()

        await slack.act("/messages", {"user": MAYA, "channel": HELP, "ts": ts, "text": "order 20418"}, method="PATCH")
        await slack.act("/previews", {"user": MAYA, "channel": HELP, "ts": ts})
        edited = await slack.rest.patch(
            f"/conversations/{conversation.key}/parts/{reply.key}", json={"text": "Got it!"}
        )
        assert edited.status_code == 200
        await until(lambda: _says(slack.shown_by_us, "Got it!"))
        await slack.quiet()
        parts = await slack.parts(conversation.key)
        assert [part.text for part in parts] == ["order 20418", "Got it!"]
        assert len(parts[0].former) == 1

        await slack.act(
            "/reactions",
            {"user": MAYA, "channel": HELP, "ts": str((await slack.shown_by_us())[0]["ts"]), "name": "eyes"},
        )
        await slack.quiet()
        assert [one["emoji"] for one in (await slack.parts(conversation.key))[1].reactions] == ["eyes"]

        await slack.act("/messages", {"user": MAYA, "channel": HELP, "ts": ts}, method="DELETE")
        gone = await slack.rest.delete(f"/conversations/{conversation.key}/parts/{reply.key}")
        assert gone.status_code in (200, 204)
        await slack.quiet()
        assert await slack.shown() == []
        assert all(part.deleted_at is not None for part in await slack.parts(conversation.key))


async def _says(look: object, text: str) -> bool:
    assert callable(look)
    return any(one["text"] == text for one in await look())


def ask(unit: Unit, key: str) -> None:
    """A bot asks with buttons."""
    perform(unit, lock_dialogue(unit, key), [AddPart(block=ask_option("Was it helpful?", {"yes": "Yes", "no": "No"}))])


async def test_a_pressed_button_answers_the_question(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        conversation = await slack.customer_writes("help", channel=None)
        system = slack.chaskiq.acting(slack.ann.app_key, as_system="tests")
        await system.write(ask, conversation.key)
        await slack.quiet()
        channel = conversation.channels[0].provider_channel_id
        [asked] = await slack.shown_by_us(channel)

        await slack.act("/presses", {"user": MAYA, "channel": channel, "ts": asked["ts"], "value": "1"})
        await slack.conversation_with("No")
        await slack.quiet()

        parts = await slack.parts(conversation.key)
        assert [part.text for part in parts][-1] == "No"
        assert parts[1].block is not None
        assert parts[1].block["values"] is not None


async def test_threads_and_direct_messages_are_conversations_of_their_own(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        root = await slack.write("the root")
        channel = await slack.conversation_with("the root")
        thread = await slack.customer_writes("in the thread", thread_ts=root)
        direct = await slack.customer_writes("directly", channel=None)
        await slack.reply(thread.key, "answered there")
        await slack.reply(direct.key, "answered directly")
        await slack.quiet()

        assert len({channel.key, thread.key, direct.key}) == 3
        assert [(one["text"], one["thread_ts"]) for one in await slack.shown_by_us()] == [("answered there", root)]
        assert not direct.channels[0].provider_channel_id.startswith("C")


async def test_a_send_that_may_have_arrived_is_looked_up(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        conversation = await slack.customer_writes("hello")
        await slack.fault(kind="reset_after", method="chat.postMessage")
        await slack.reply(conversation.key, "one")
        first = await slack.delivery(conversation.key)
        await slack.fault(kind="reset_before", method="chat.postMessage")
        await slack.reply(conversation.key, "two")
        second = await slack.delivery(conversation.key)

        assert (first.state, second.state) == ("sent", "sent")
        assert [one["text"] for one in await slack.shown_by_us()] == ["one", "two"]
        assert "conversations.history" in await slack.methods()


@pytest.mark.parametrize(
    ("fault", "state", "error"),
    [
        ({"kind": "429", "retry_after": 1}, "sent", None),
        ({"kind": "503"}, "sent", None),
        ({"kind": "error", "error": "internal_error"}, "sent", None),
        ({"kind": "error", "error": "is_archived"}, "failed", "recipient"),
        ({"kind": "error", "error": "restricted_action"}, "failed", "recipient"),
    ],
)
async def test_what_slack_answers_decides(
    database: Database, fault: dict[str, object], state: str, error: str | None
) -> None:
    async with a_slack_desk(database) as slack:
        conversation = await slack.customer_writes("hello")
        await slack.fault(method="chat.postMessage", **fault)
        await slack.reply(conversation.key, "hi")
        delivery = await slack.delivery(conversation.key)

        assert (delivery.state, delivery.error.class_ if delivery.error else None) == (state, error)
        assert len(await slack.shown_by_us()) == (state == "sent")


async def test_a_revoked_token_stops_the_integration_until_it_is_renewed(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        conversation = await slack.customer_writes("hello")
        await slack.quiet()

        await slack.act("/uninstall", {"token": TOKEN})

        async def broken() -> bool:
            return (await slack.ann.read(integrations.integration, slack.integration)).state == "broken"

        await until(broken)
        replied = await slack.reply(conversation.key, "waits")
        assert (await slack.parts(conversation.key))[-1].deliveries[0].state == "queued"
        assert replied.text == "waits"
        assert len((await slack.ann.read(desk.inbox)).items) == 1


async def test_a_public_channel_is_joined_to_answer_there(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        conversation = await slack.customer_writes("hello")
        await slack.act("/members", {"channel": HELP, "app": True, "leaves": True})
        await slack.quiet()

        await slack.reply(conversation.key, "still here")
        delivery = await slack.delivery(conversation.key)

        assert delivery.state == "sent"
        assert "conversations.join" in await slack.methods()


async def test_events_that_come_again_are_one_part(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        await slack.fault(kind="lost_answer", method="webhook")
        await slack.fault(kind="duplicate", method="webhook")
        [app] = (await slack.slack.get("/apps")).json()["apps"]
        await slack.write(f"<@{app['bot_user_id']}> hello")
        conversation = await slack.conversation_with(f"@{app['bot_user_id']} hello")
        await slack.quiet()

        assert len(await slack.parts(conversation.key)) == 1


async def test_a_contact_has_the_name_that_slack_knows(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        await slack.act("/users", {"id": MAYA, "real_name": "Maya R.", "email": "maya@example.org"})
        conversation = await slack.customer_writes("hello")
        await slack.quiet()
        person = (await slack.ann.read(desk.show, conversation.key)).main_participant
        assert (person.name, person.email) == ("maya", "maya@example.org")

        # Who was named here keeps that name, and nobody is asked about twice.
        await slack.customer_writes("hello again")
        await slack.quiet()
        assert (await slack.methods()).count("users.info") == 1


async def test_a_contact_whom_slack_does_not_tell_stays_an_id(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        await slack.fault(kind="error", error="user_not_found", method="users.info")
        conversation = await slack.customer_writes("hello")
        await slack.quiet()

        assert (await slack.ann.read(desk.show, conversation.key)).main_participant.name == MAYA


async def test_an_echo_that_comes_before_the_answer_settles_the_delivery(database: Database) -> None:
    async with a_slack_desk(database) as slack:
        conversation = await slack.customer_writes("hello")
        await slack.fault(kind="hang", accept=True, seconds=60, method="chat.postMessage")
        await slack.reply(conversation.key, "hi")

        async def settled() -> bool:
            return (await slack.parts(conversation.key))[-1].deliveries[0].state == "sent"

        await until(settled, seconds=12)
        [ours] = await slack.shown_by_us()
        parts = await slack.parts(conversation.key)
        assert [part.text for part in parts] == ["hello", "hi"]
        assert [source.external_id for source in parts[1].sources] == [ours["ts"]]
        await slack.act("/faults", {}, method="DELETE")
