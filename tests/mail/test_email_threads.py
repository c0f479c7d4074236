"""Each mail comes to its conversation: by token, by what it names and who wrote it, and to nobody else's."""

import re

import anyio
import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_email.tokens import reply_address
from chaskiq_plugins.email.tests.email_mails import PNG, SECRET, US, a_mail
from tests.harness.databases import Database
from tests.harness.email_house import a_mail_house

pytestmark = pytest.mark.anyio

OMAR = "Omar <omar@home.example>"


async def test_an_answer_finds_its_conversation_by_our_id_and_the_answer_to_that_its_thread(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks.", message_id="<1@home.example>"))
        [conversation] = await mails.conversations()
        assert conversation.subject == "The kiln"
        sent = await mails.answers(conversation, "Which one?")
        assert sent["In-Reply-To"] == sent["References"] == "<1@home.example>"
        assert sent["Subject"] == "Re: The kiln"
        await mails.comes(a_mail("The blue.", message_id="<2@home.example>", in_reply_to=sent["Message-ID"]))
        assert await mails.texts(conversation) == ["It cracks.", "Which one?", "The blue."]
        again = await mails.answers(conversation, "Thanks")
        assert again["In-Reply-To"] == "<2@home.example>"
        assert again["References"] == f"<1@home.example> {sent['Message-ID']} <2@home.example>"
        assert len(await mails.conversations()) == 1


async def test_an_answer_with_other_references_and_subject_finds_it_by_the_token(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks."))
        [conversation] = await mails.conversations()
        sent = await mails.answers(conversation, "Which one?")
        await mails.comes(
            a_mail("Blue.", to=sent["Reply-To"], message_id="<9@icloud>", references="<x@icloud>", subject="new")
        )
        assert await mails.texts(conversation) == ["It cracks.", "Which one?", "Blue."]


async def test_an_id_never_seen_finds_the_thread_once_a_mail_has_named_it(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(
            a_mail("one", message_id="<1@x>", references="<lost@x> <older@x>"),
            a_mail("two", message_id="<2@x>", references="<lost@x>"),
            a_mail("three", message_id="<older@x>"),
        )
        [conversation] = await mails.conversations()
        assert await mails.texts(conversation) == ["one", "two", "three"]


async def test_who_names_anothers_mail_gets_a_conversation_of_their_own_with_a_note_for_agents(
    database: Database,
) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks.", message_id="<1@home.example>"))
        [first] = await mails.conversations()
        sent = await mails.answers(first, "The code is 1234.")
        await mails.comes(
            a_mail("Me too!", sender="Eve <eve@evil.example>", message_id="<e@evil>", in_reply_to=sent["Message-ID"]),
            a_mail("Hello?", sender="Eve <eve@evil.example>", message_id="<f@evil>", in_reply_to=sent["Message-ID"]),
        )
        [_, second] = await mails.conversations()
        assert await mails.texts(first) == ["It cracks.", "The code is 1234."]
        assert await mails.texts(second) == ["Me too!", "Hello?"]
        [note] = [part for part in await mails.parts(second) if part.private_note]
        assert first.key in note.text
        answer = await mails.answers(second, "Who are you?")
        assert answer["To"] == "eve@evil.example"
        assert "1@home.example" not in str(answer["References"])


async def test_an_answer_to_address_of_another_opens_no_conversation_of_theirs(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(
            a_mail("It cracks.", message_id="<1@home.example>"),
            a_mail("Me!", sender="eve@evil.example", reply_to="ruth@home.example", references="<1@home.example>"),
        )
        first, second = await mails.conversations()
        assert await mails.texts(first) == ["It cracks."]
        assert second.main_participant.email == "eve@evil.example"


async def test_who_was_given_the_token_joins_visibly(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks."))
        [conversation] = await mails.conversations()
        sent = await mails.answers(conversation, "Which one?")
        await mails.comes(a_mail("The blue, says Omar.", sender=OMAR, to=sent["Reply-To"], message_id="<o@home>"))
        parts = await mails.parts(conversation)
        [joined] = [part for part in parts if part.event is not None]
        assert joined.event is not None
        assert joined.event.action == "joined"
        assert await mails.texts(conversation) == ["It cracks.", "Which one?", "The blue, says Omar."]
        await mails.answers(conversation, "Thanks to both")
        assert {mail["To"] for mail in mails.server.taken[-2:]} == {"ruth@home.example", "omar@home.example"}


async def test_a_forged_token_opens_nothing(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks."))
        [conversation] = await mails.conversations()
        sent = await mails.answers(conversation, "Which one?")
        forged = re.sub(r"(.)@shop", lambda found: f"{'A' if found[1] != 'A' else 'B'}@shop", sent["Reply-To"])
        await mails.comes(a_mail("Me!", sender=OMAR, to=forged, message_id="<o@home>"))
        assert await mails.texts(conversation) == ["It cracks.", "Which one?"]
        assert len(await mails.conversations()) == 2


async def test_mails_without_ids_are_different_mails(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(*(a_mail(text, message_id=None) for text in ("one", "two")), a_mail("one", message_id=None))
        told = [await mails.texts(conversation) for conversation in await mails.conversations()]
        assert sorted(told) == [["one"], ["two"]]


async def test_mails_of_a_thread_that_come_at_once_make_one_conversation(database: Database) -> None:
    """Their lanes differ: each answers a mail that we do not have yet."""
    async with a_mail_house(database) as mails:
        thread = [
            a_mail("one", message_id="<1@x>"),
            a_mail("two", message_id="<2@x>", in_reply_to="<1@x>"),
            a_mail("three", message_id="<3@x>", in_reply_to="<2@x>", references="<0@x> <1@x> <2@x>"),
            a_mail("four", message_id="<4@x>", in_reply_to="<2@x>"),
            a_mail("five", message_id="<5@x>", references="<0@x>"),
        ]
        async with anyio.create_task_group() as tasks:
            for mail in thread:
                tasks.start_soon(mails.post, mail)
        await mails.quiet()
        told = [sorted(await mails.texts(conversation)) for conversation in await mails.conversations()]
        assert sorted(text for texts in told for text in texts) == ["five", "four", "one", "three", "two"]
        assert len(told) == 1


async def test_a_mail_that_comes_twice_is_one_part_and_its_file_is_fetched(database: Database) -> None:
    async with a_mail_house(database) as mails:
        mail = a_mail("look")
        mail.add_attachment(PNG, maintype="image", subtype="png", filename="lid.png")
        await mails.comes(mail, mail, b"Received: on another way\n" + mail.as_bytes())
        [conversation] = await mails.conversations()
        [part] = await mails.parts(conversation)
        [attachment] = part.attachments
        assert (attachment["state"], attachment["mime"], attachment["size"]) == ("ready", "image/png", len(PNG))


async def test_an_automatic_mail_opens_no_closed_conversation_again(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks.", message_id="<1@x>"))
        [conversation] = await mails.conversations()
        await mails.house.ann.write(desk.close, conversation.key)
        await mails.comes(a_mail("I am away", message_id="<2@x>", in_reply_to="<1@x>", auto_submitted="auto-replied"))
        [still] = await mails.conversations()
        assert still.state == "closed"
        assert await mails.texts(still) == ["It cracks.", "I am away"]
        await mails.comes(a_mail("I am back", message_id="<3@x>", in_reply_to="<1@x>"))
        [opened] = await mails.conversations()
        assert opened.state == "opened"


async def test_a_bounce_fails_the_delivery_of_its_mail(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks."))
        [conversation] = await mails.conversations()
        sent = await mails.answers(conversation, "Which one?")
        bounce = (
            "From: MAILER-DAEMON@mx.example\nTo: help@shop.example\nMessage-ID: <d@mx>\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=d\n\n"
            "--d\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
            "Final-Recipient: rfc822; ruth@home.example\nAction: failed\nStatus: 5.1.1\n\n"
            f"--d\nContent-Type: text/rfc822-headers\n\nMessage-ID: {sent['Message-ID']}\n\n--d--\n"
        )
        await mails.comes(bounce.encode())
        [delivery] = (await mails.parts(conversation))[-1].deliveries
        assert delivery.state == "failed"
        assert delivery.error is not None
        assert (delivery.error.class_, delivery.error.code) == ("recipient", "5.1.1")
        assert len(await mails.conversations()) == 1


async def test_an_agents_answer_goes_out_as_theirs(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("It cracks."))
        [conversation] = await mails.conversations()
        to = reply_address(US, conversation.key, secret=SECRET, agent="ann@example.org")
        assert to is not None
        await mails.comes(
            a_mail("Which one?", sender="Ann <ann@example.org>", to=to, message_id="<a@org>"),
            a_mail("I am away", sender="ann@example.org", to=to, message_id="<b@org>", auto_submitted="auto-replied"),
        )
        part = (await mails.parts(conversation))[-1]
        assert (part.text, part.author.type) == ("Which one?", "agent")
        [sent] = mails.server.taken
        assert sent["To"] == "ruth@home.example"
        assert sent["From"] == f"Ann <{US}>"


async def test_a_conversation_that_an_agent_starts_is_answered_in_it(database: Database) -> None:
    async with a_mail_house(database) as mails:
        await mails.comes(a_mail("hello"))
        [first] = await mails.conversations()
        integration = first.channels[0].integration_id
        started = await mails.house.ann.write(
            desk.start,
            first.main_participant.id,
            integration_id=integration,
            content=document_from_text("A question."),
            subject="Your order",
        )
        await mails.quiet()
        sent = mails.server.taken[-1]
        assert (sent["Subject"], sent["References"]) == ("Your order", None)
        await mails.comes(a_mail("An answer.", message_id="<9@x>", in_reply_to=sent["Message-ID"]))
        assert await mails.texts(started) == ["A question.", "An answer."]


async def test_an_unknown_outcome_is_sent_again_under_the_same_id(database: Database) -> None:
    async with a_mail_house(database, dot="close") as mails:
        await mails.comes(a_mail("It cracks."))
        [conversation] = await mails.conversations()
        await mails.house.reply(conversation.key, "Which one?")
        mails.server.answers.clear()
        await mails.quiet()
        [sent] = mails.server.taken
        [delivery] = (await mails.parts(conversation))[-1].deliveries
        assert delivery.state == "sent"
        assert delivery.external_ids == (sent["Message-ID"].strip("<>"),)
