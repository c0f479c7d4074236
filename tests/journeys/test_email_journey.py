"""E-mail from end to end, over real HTTP, SMTP and IMAP: a customer with a picture, an agent with a file, a thread that
goes on from another mail app, a mail that comes back, a stranger who names another's mail."""

import base64

import pytest

from chaskiq_core import desk
from chaskiq_plugins.email.tests.email_mails import PNG
from tests.harness.databases import Database
from tests.harness.mail_desk import HELP, RUTH, Way, a_mail_desk

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]
FORMATTED = {
    "type": "doc",
    "content": [
        {
            "type": "paragraph",
            "content": [
                {"type": "text", "text": "Take the "},
                {"type": "text", "text": "blue", "marks": [{"type": "bold"}]},
                {"type": "text", "text": " one."},
            ],
        },
        {
            "type": "bulletList",
            "content": [
                {
                    "type": "listItem",
                    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "1200 °C"}]}],
                }
            ],
        },
    ],
}


@pytest.mark.parametrize("way", ["hook", "imap"])
async def test_a_talk_by_mail(database: Database, way: Way) -> None:
    async with a_mail_desk(database, way=way) as desk_of:
        if way == "imap":
            await desk_of.once(desk_of.was_polled)

        # a customer writes, with a picture
        picture = {"filename": "lid.png", "mime": "image/png", "content": base64.b64encode(PNG).decode()}
        await desk_of.write("It cracks.", name="Ruth Okoye", attachments=[picture])
        conversation = await desk_of.conversation_with("It cracks.")

        async def fetched() -> bool:
            [part] = await desk_of.parts(conversation)
            return [one["state"] for one in part.attachments] == ["ready"]

        await desk_of.once(fetched)
        [part] = await desk_of.parts(conversation)
        assert (await desk_of.rest.get(str(part.attachments[0]["url"]))).content == PNG
        assert (conversation.subject, conversation.main_participant.name) == ("The kiln", "Ruth Okoye")

        # the agent answers, formatted, with a file
        uploaded = await desk_of.rest.post("/media", files={"file": ("glaze.csv", b"a;b\n")})
        answer = await desk_of.reply(conversation, content=FORMATTED, attachments=[uploaded.json()["id"]])
        [mail] = await desk_of.inbox()
        assert "<strong>blue</strong>" in str(mail["html"])
        assert "- 1200 °C" in str(mail["text"])
        assert [one["filename"] for one in mail["attachments"]] == ["glaze.csv"]  # type: ignore[attr-defined]
        await desk_of.delivery(conversation, answer, "sent")

        # the customer answers from an app that names other mails
        await desk_of.write("Which blue?", answers=mail["uid"], to="", rewrites_references=True, quotes=True)
        again = await desk_of.conversation_with("Which blue?")
        assert again.key == conversation.key

        # a mail comes back
        await desk_of.fault(kind="bounce", method="RCPT")
        lost = await desk_of.reply(conversation, text="The dark one.")
        delivery = await desk_of.delivery(conversation, lost, "failed")
        assert delivery["error"] == {
            "class": "recipient",
            "code": "5.1.1",
            "message": "550 5.1.1 no such user",
            "retryable": False,
        }

        # a stranger names the customer's mail
        headers = {"In-Reply-To": mail["headers"]["message-id"]}  # type: ignore[index]
        await desk_of.write("Me too!", sender="eve@evil.example", headers=headers)
        other = await desk_of.conversation_with("Me too!")
        assert other.key != conversation.key
        [note] = [one for one in await desk_of.parts(other) if one.private_note]
        assert conversation.key in note.text
        assert "Me too!" not in [one.text for one in await desk_of.parts(conversation)]


async def test_a_greylisted_mail_and_a_lost_answer_arrive_once(database: Database) -> None:
    async with a_mail_desk(database) as desk_of:
        await desk_of.write("It cracks.")
        conversation = await desk_of.conversation_with("It cracks.")
        await desk_of.fault(kind="reset_after", method="DATA")
        answer = await desk_of.reply(conversation, text="Which one?")
        await desk_of.delivery(conversation, answer, "sent")
        mails = await desk_of.inbox(at_least=2)
        assert len({mail["headers"]["message-id"] for mail in mails}) == 1  # type: ignore[index]


async def test_a_password_that_is_refused_breaks_the_integration_until_it_is_set(database: Database) -> None:
    async with a_mail_desk(database) as desk_of:
        await desk_of.write("It cracks.")
        conversation = await desk_of.conversation_with("It cracks.")
        await desk_of.fault(kind="535", method="AUTH", times=None)
        await desk_of.reply(conversation, text="Which one?")

        async def broken() -> bool:
            shown = (await desk_of.rest.get("/integrations")).json()
            [row] = shown["items"] if isinstance(shown, dict) else shown
            return bool(row["state"] == "broken")

        await desk_of.once(broken)


async def test_mails_to_the_address_itself_and_loops_make_no_parts(database: Database) -> None:
    async with a_mail_desk(database) as desk_of:
        await desk_of.write("to myself", sender=HELP)
        await desk_of.write("a loop", headers={"X-Chaskiq-Loop": HELP})
        await desk_of.write("It cracks.")
        await desk_of.conversation_with("It cracks.")
        assert len((await desk_of.ann.read(desk.inbox)).items) == 1
        assert not await desk_of.inbox(RUTH, at_least=0)


@pytest.mark.parametrize("setting", ["smtp_host", "imap_host"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"])
async def test_a_mail_server_in_the_house_can_be_set_by_no_stranger(
    database: Database, setting: str, host: str
) -> None:
    async with a_mail_desk(database) as desk_of:
        settings = {"from_address": "a@x.example", "smtp_host": "192.0.2.1", setting: host}
        answer = await desk_of.rest.post("/integrations", json={"provider": "email", "settings": settings})
        assert answer.status_code == 422
        assert "private address" in answer.json()["detail"]
