"""Who has not read what was said is told by e-mail, once, of all of it; an answer comes back into the conversation."""

import pytest

from chaskiq_core import Chaskiq, desk
from chaskiq_core.content import document_from_text
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.conversations.notices import NOTICE_JOB
from chaskiq_core.conversations.read import mark_read
from chaskiq_core.desk import people, staff
from chaskiq_core.errors import SettingsError
from chaskiq_core.model import Job
from chaskiq_core.plugin.views import ConversationView
from chaskiq_core.settings import load_settings
from chaskiq_core.store.unit import Unit
from chaskiq_email import channel
from chaskiq_plugins.email.tests.email_mails import a_mail
from chaskiq_plugins.email.tests.email_server import scripted
from tests.harness.databases import Database
from tests.harness.email_house import MailHouse, a_mail_house
from tests.harness.house import ANN, SECRET_KEY, House, a_house, a_message, let_jobs_be_due

pytestmark = pytest.mark.anyio
RUTH = "ruth@home.example"


async def a_page_conversation(house: House, text: str = "Hello Ruth") -> ConversationView:
    """A conversation on no channel that reaches her, as in a page that she has left."""
    ruth = await house.ann.write(people.add_contact, name="Ruth", email=RUTH)
    return await house.ann.write(desk.start, ruth.id, content=document_from_text(text))


async def time_passes(mails: MailHouse) -> None:
    """The delays are over, and what was due is done."""
    await mails.house.system.write(let_jobs_be_due)
    await mails.quiet()


def notices(unit: Unit) -> int:
    return len(unit.all(unit.select(Job).where(Job.kind == NOTICE_JOB)))


def read_all(unit: Unit, key: str) -> None:
    mark_read(unit, lock_dialogue(unit, key), up_to_seq=99)


async def test_what_a_contact_has_not_read_comes_in_one_mail(database: Database) -> None:
    async with a_mail_house(database) as mails:
        conversation = await a_page_conversation(mails.house)
        await mails.house.reply(conversation.key, "Are you there?")
        await mails.house.reply(conversation.key, "a secret between us", private_note=True)
        assert not mails.server.taken
        await time_passes(mails)
        [mail] = mails.server.taken
        body = mail.get_body(("plain",))
        assert body is not None
        text = body.get_content()
        assert mail["To"] == RUTH
        assert mail["Subject"] == "New message from Acme"
        assert mail["From"] == '"Ann (Acme)" <help@shop.example>'
        assert mail["Auto-Submitted"] == "auto-generated"
        assert "subject=unsubscribe" in mail["List-Unsubscribe"]
        assert "Hello Ruth" in text
        assert "Are you there?" in text
        assert "secret" not in text


async def test_more_comes_in_the_next_mail_and_in_the_same_thread(database: Database) -> None:
    async with a_mail_house(database) as mails:
        conversation = await a_page_conversation(mails.house)
        await time_passes(mails)
        await mails.house.reply(conversation.key, "Are you there?")
        await time_passes(mails)
        first, second = mails.server.taken
        assert second["In-Reply-To"] == first["Message-ID"]
        body = second.get_body(("plain",))
        assert body is not None
        assert "Hello Ruth" not in body.get_content()


async def test_an_answer_to_it_comes_into_the_conversation_as_the_contact(database: Database) -> None:
    async with a_mail_house(database) as mails:
        conversation = await a_page_conversation(mails.house)
        await time_passes(mails)
        [mail] = mails.server.taken
        await mails.comes(a_mail("Here I am", to=mail["Reply-To"], in_reply_to=mail["Message-ID"]))
        assert await mails.texts(conversation) == ["Hello Ruth", "Here I am"]
        [answer] = [part for part in await mails.parts(conversation) if part.text == "Here I am"]
        assert answer.author.id == conversation.main_participant.id
        sent = await mails.answers(conversation, "Good")
        assert sent["To"] == RUTH
        assert sent["List-Unsubscribe"] is None


async def test_an_answer_without_its_token_finds_it_by_the_mails_id(database: Database) -> None:
    async with a_mail_house(database) as mails:
        conversation = await a_page_conversation(mails.house)
        await time_passes(mails)
        [mail] = mails.server.taken
        await mails.comes(a_mail("once", to=mail["Reply-To"], message_id="<1@x>"))
        await mails.comes(a_mail("again", message_id="<2@x>", in_reply_to=mail["Message-ID"]))
        assert await mails.texts(conversation) == ["Hello Ruth", "once", "again"]


async def test_who_has_read_it_or_gets_it_anyway_is_told_nothing(database: Database) -> None:
    async with a_mail_house(database) as mails:
        read = await a_page_conversation(mails.house)
        await mails.house.system.write(read_all, read.key)
        await time_passes(mails)
        assert not mails.server.taken
        await mails.comes(a_mail("by mail"))
        by_mail = next(one for one in await mails.conversations() if one.key != read.key)
        jobs = await mails.house.system.read(notices)
        await mails.answers(by_mail, "answered by mail")
        assert len(mails.server.taken) == 1
        assert await mails.house.system.read(notices) == jobs


async def test_who_has_unsubscribed_is_told_nothing_more(database: Database) -> None:
    async with a_mail_house(database) as mails:
        conversation = await a_page_conversation(mails.house)
        await time_passes(mails)
        [mail] = mails.server.taken
        await mails.comes(a_mail("", to=mail["Reply-To"], subject="unsubscribe", message_id="<u@x>"))
        await mails.house.reply(conversation.key, "One more thing")
        await time_passes(mails)
        told = [mail for mail in mails.server.taken if mail["List-Unsubscribe"]]
        assert len(told) == 1
        assert "unsubscribed" in [part.event.action for part in await mails.parts(conversation) if part.event]


async def test_the_assigned_agent_is_told_and_answers_from_the_mailbox(database: Database) -> None:
    async with a_mail_house(database) as mails:
        conversation = await mails.house.customer_writes("My kiln cracks")
        [role] = [one for one in await mails.house.ann.read(staff.list_agents) if one.email == ANN]
        await mails.house.ann.write(desk.assign, conversation.key, agent_id=role.id)
        await mails.house.post(a_message(2, "Hello?"))
        await mails.quiet()
        await time_passes(mails)
        [mail] = mails.server.taken
        assert mail["To"] == ANN
        body = mail.get_body(("plain",))
        assert body is not None
        assert "Hello?" in body.get_content()
        assert f"/#/conversations/{conversation.key}" in body.get_content()
        await mails.comes(a_mail("Coming", sender=f"Ann <{ANN}>", to=mail["Reply-To"], message_id="<a@org>"))
        assert [piece.text for piece in mails.house.tiny.outbox.sent] == ["Coming"]
        part = (await mails.parts(conversation))[-1]
        assert (part.text, part.author.type) == ("Coming", "agent")


async def test_an_agent_who_has_answered_since_is_told_nothing(database: Database) -> None:
    async with a_mail_house(database) as mails:
        conversation = await mails.house.customer_writes("My kiln cracks")
        [role] = [one for one in await mails.house.ann.read(staff.list_agents) if one.email == ANN]
        await mails.house.ann.write(desk.assign, conversation.key, agent_id=role.id)
        await mails.house.post(a_message(2, "Hello?"))
        await mails.quiet()
        await mails.house.reply(conversation.key, "Here")
        await time_passes(mails)
        assert not mails.server.taken


async def test_an_app_without_a_mailbox_mails_by_the_houses_server(database: Database) -> None:
    async with scripted() as (server, settings):
        url = f"smtp://127.0.0.1:{settings.smtp_port}?from=house@acme.example"
        async with a_house(database, plugins={"email": channel}, email_delay_seconds=0, smtp_url=url) as house:
            await a_page_conversation(house)
            await house.quiet()
    [mail] = server.taken
    assert mail["From"] == '"Ann (Acme)" <house@acme.example>'
    assert mail["Reply-To"] is None


async def test_a_house_that_can_send_no_mails_goes_on(database: Database) -> None:
    async with a_house(database, plugins={"email": channel}, email_delay_seconds=0) as house:
        conversation = await a_page_conversation(house)
        await house.quiet()
        assert len(await house.parts(conversation.key)) == 1


@pytest.mark.parametrize("url", ["http://x.example", "smtp://localhost", "smtp://localhost?from=nobody"])
def test_a_malformed_server_stops_the_start(url: str, database: Database) -> None:
    settings = load_settings(
        secret_key=SECRET_KEY, _env_file=None, database_url=database.url, plugins="email", smtp_url=url
    )
    with pytest.raises(SettingsError, match="CHASKIQ_SMTP_URL"):
        Chaskiq(settings)
