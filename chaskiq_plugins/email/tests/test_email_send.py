"""A piece goes out as a mail that keeps its thread, and each answer of a server has its consequence."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from chaskiq_core.plugin import (
    AccountError,
    ContentError,
    OutgoingMedia,
    ReauthError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
    document_from_html,
)
from chaskiq_email import channel
from chaskiq_email.manifest import MAX_FILE_BYTES, EmailSettings
from chaskiq_email.send import send_piece
from chaskiq_email.sending.answers import class_for
from chaskiq_plugins.email.tests.email_mails import PNG, SECRET, US, message
from chaskiq_plugins.email.tests.email_server import ABOUT, CONVERSATION, a_piece, context_of, scripted

pytestmark = pytest.mark.anyio


def text_in(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


async def test_a_mail_keeps_its_thread_and_says_everything_twice() -> None:
    content = document_from_html("<p>Take the <b>blue</b> one, <a href='https://x.example/1'>here</a>.</p>")
    async with scripted() as (server, settings):
        receipt = await send_piece(a_piece(content=content, reply_to="c@x.example"), context_of(settings))
    [mail] = server.taken
    assert receipt.external_ids == receipt.message_keys == (f"{CONVERSATION}-0.chaskiq@shop.example",)
    assert mail["Message-ID"] == f"<{receipt.external_ids[0]}>"
    assert mail["From"] == f"Ann <{US}>"
    assert mail["To"] == "ruth@home.example"
    assert mail["Subject"] == "Re: The kiln"
    assert mail["In-Reply-To"] == "<c@x.example>"
    assert mail["References"] == "<a@x.example> <b@x.example> <c@x.example>"
    assert mail["Auto-Submitted"] is None
    assert mail["X-Chaskiq-Loop"] == US
    assert "blue one, here (https://x.example/1)." in text_in(mail, "plain")
    assert "<strong>blue</strong>" in text_in(mail, "html")
    assert f"MAIL FROM:<{US}>" in " ".join(server.said)


async def test_an_answer_to_it_finds_the_conversation() -> None:
    async with scripted() as (server, settings):
        await send_piece(a_piece(), context_of(settings))
    [mail] = server.taken
    answer = EmailMessage()
    answer["From"], answer["To"] = "ruth@home.example", mail["Reply-To"]
    answer.set_content("thanks")
    assert message(answer, settings).thread_token == CONVERSATION


async def test_a_machines_mail_says_so_and_the_first_of_a_thread_answers_nothing() -> None:
    thread = replace(ABOUT, references=(), by_bot=True)
    async with scripted() as (server, settings):
        await send_piece(a_piece(thread=thread), context_of(settings))
    [mail] = server.taken
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "The kiln"
    assert mail["References"] is None


async def test_files_go_along_and_what_is_too_large_is_a_link() -> None:
    def file(name: str, media_id: str | None, size: int) -> OutgoingMedia:
        return OutgoingMedia(
            type="file", media_id=media_id, url=f"https://m.example/{name}", filename=name, mime="image/png", size=size
        )

    media = (file("lid.png", "one", len(PNG)), file("huge.png", "two", MAX_FILE_BYTES), file("theirs.png", None, 1))
    async with scripted() as (server, settings):
        await send_piece(a_piece(media=media), context_of(settings, files={"one": PNG}))
    [mail] = server.taken
    assert [(one.get_filename(), one.get_content()) for one in mail.iter_attachments()] == [("lid.png", PNG)]
    for link in ("https://m.example/huge.png", "https://m.example/theirs.png"):
        assert link in text_in(mail, "plain")
        assert link in text_in(mail, "html")


async def test_no_header_can_be_smuggled_in() -> None:
    thread = replace(
        ABOUT,
        subject="x\r\nBcc: evil@x.example",
        author="Ann\nBcc: evil@x.example",
        references=("a@x\r\nBcc:@evil", "b@x> <evil@x"),
    )
    media = (OutgoingMedia(type="file", media_id="one", url="", filename='a"\r\nX: y.txt', mime="text/plain", size=1),)
    async with scripted() as (server, settings):
        await send_piece(a_piece(thread=thread, media=media), context_of(settings, files={"one": b"x"}))
    [mail] = server.taken
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert mail["References"] is None
    assert [one for one in server.said if one.startswith("RCPT")] == ["RCPT TO:<ruth@home.example>"]


async def test_long_ids_and_long_subjects_stay_whole() -> None:
    ids = tuple(f"{'x' * 120}{n}@very-long.example" for n in range(30))
    async with scripted() as (server, settings):
        await send_piece(a_piece(thread=replace(ABOUT, references=ids, subject="ü" * 180)), context_of(settings))
    [mail] = server.taken
    named = mail["References"].split()
    assert named[0] == f"<{ids[0]}>"
    assert named[-1] == f"<{ids[-1]}>"
    assert len(named) <= 20
    assert mail["Subject"] == f"Re: {'ü' * 180}"


@pytest.mark.parametrize(
    ("answers", "kind", "code"),
    [
        ({"EHLO": "421 4.3.2 closing"}, RetryLaterError, "4.3.2"),
        ({"MAIL": "451 4.7.1 greylisted, try again later"}, RetryLaterError, "4.7.1"),
        ({"RCPT": "450 4.2.1 busy"}, RetryLaterError, "4.2.1"),
        ({"RCPT": "550 5.1.1 no such user"}, RecipientError, "5.1.1"),
        ({"RCPT": "550 no such user"}, RecipientError, "550"),
        ({"RCPT": "552 5.2.2 mailbox full"}, RecipientError, "5.2.2"),
        ({"MAIL": "552 5.3.4 message too big"}, ContentError, "5.3.4"),
        ({"MAIL": "553 5.1.8 sender rejected"}, AccountError, "5.1.8"),
        ({"MAIL": "530 5.7.0 authentication required"}, ReauthError, "5.7.0"),
        ({"RCPT": "550 5.7.1 relaying denied"}, AccountError, "5.7.1"),
        ({"dot": "554 5.6.0 spam"}, ContentError, "5.6.0"),
        ({"dot": "550 5.7.26 unauthenticated mail"}, AccountError, "5.7.26"),
        ({"dot": "452 4.2.2 full"}, RetryLaterError, "4.2.2"),
        ({"EHLO": "close", "HELO": "close"}, RetryLaterError, ""),
        ({"RCPT": "close"}, RetryLaterError, ""),
        ({"RCPT": "hello"}, RetryLaterError, ""),
        ({"dot": "close"}, UnknownOutcomeError, ""),
        ({"dot": "hello"}, UnknownOutcomeError, ""),
    ],
)
async def test_what_a_server_answers_has_its_consequence(
    answers: dict[str, str | None], kind: type[SendError], code: str
) -> None:
    async with scripted(**answers) as (server, settings):
        with pytest.raises(SendError) as caught:
            await send_piece(a_piece(), context_of(settings))
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert not server.taken


async def test_a_greylisted_mail_waits_five_minutes() -> None:
    async with scripted(RCPT="451 4.7.1 Greylisting in action, come back later") as (_, settings):
        with pytest.raises(RetryLaterError) as caught:
            await send_piece(a_piece(), context_of(settings))
    assert caught.value.retry_after_seconds == 300


@pytest.mark.parametrize(("silent", "kind"), [("RCPT", RetryLaterError), ("dot", UnknownOutcomeError)])
async def test_a_server_that_falls_silent_is_given_up_in_time(silent: str, kind: type[SendError]) -> None:
    async with scripted(**{silent: None}) as (_, settings):
        with pytest.raises(kind):
            await send_piece(a_piece(), context_of(settings, timeout_seconds=1))


async def test_a_wrong_password_breaks_the_integration_and_health_says_what_to_do() -> None:
    async with scripted(AUTH="535 5.7.8 bad credentials") as (_, without):
        settings = without.model_copy(update={"smtp_username": "u", "smtp_password": "p"})
        with pytest.raises(ReauthError):
            await channel.install("https://x.example/hook", context_of(settings))
        [sending, encryption, receiving] = await channel.health(context_of(settings), "https://x.example/hook")
    assert not sending.ok
    assert "app password" in sending.fix
    assert encryption.ok
    assert "https://x.example/hook" in receiving.detail


async def test_an_account_that_works_is_told() -> None:
    async with scripted() as (_, settings):
        assert (await channel.install("https://x.example/hook", context_of(settings))).account == US
        assert all(line.ok for line in await channel.health(context_of(settings), ""))


async def test_nobody_there_is_later() -> None:
    async with scripted() as (_, settings):
        pass
    with pytest.raises(RetryLaterError):
        await send_piece(a_piece(), context_of(settings))


@pytest.mark.parametrize("address", ["", "nobody", "a b@c", "x@y\r\nRCPT TO:<z@z>"])
async def test_what_is_no_address_is_refused_before_anyone_is_asked(address: str) -> None:
    async with scripted() as (server, settings):
        with pytest.raises(RecipientError):
            await send_piece(a_piece(to=address), context_of(settings))
    assert not server.said


async def test_an_international_domain_goes_in_its_other_spelling() -> None:
    async with scripted() as (server, settings):
        await send_piece(a_piece(to="ruth@bücher.example"), context_of(settings))
    assert "RCPT TO:<ruth@xn--bcher-kva.example>" in server.said


def test_the_tables_last_rule_is_content() -> None:
    assert class_for("599", "599 what") == "content"
    assert class_for("421", "421 x") == "transient"


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "sender"),
    [
        ("smtp://u%40x.example:p@mail.example", "mail.example", 587, "starttls", "u@x.example"),
        ("smtps://u:p@mail.example?from=a@x.example", "mail.example", 465, "tls", "a@x.example"),
        ("smtp://localhost:1025?from=a@x.example", "localhost", 1025, "none", "a@x.example"),
    ],
)
def test_a_url_is_settings_for_sending(url: str, host: str, port: int, tls: str, sender: str) -> None:
    settings = EmailSettings.from_url(url)
    assert (*settings.smtp_server, settings.smtp_tls, settings.from_address) == (host, port, tls, sender)


def test_secrets_are_masked() -> None:
    assert EmailSettings.secret_names() == {"smtp_password", "inbound_secret", "imap_password"}
    assert EmailSettings(from_address=US, smtp_host="x").with_generated().inbound_secret != SECRET
