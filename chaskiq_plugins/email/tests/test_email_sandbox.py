"""The sandbox is a mail server: the standard library's clients agree, and faults happen on demand."""

import imaplib
import smtplib
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx
import pytest
from anyio import to_thread

from chaskiq_core.plugin import RecipientError, RetryLaterError, UnknownOutcomeError
from chaskiq_email import EmailSettings
from chaskiq_email.sandbox import Addresses, running_sandbox
from chaskiq_email.send import send_piece
from chaskiq_plugins.email.tests.email_mails import PNG, SECRET, US, a_mail, status
from chaskiq_plugins.email.tests.email_server import a_piece, context_of

pytestmark = pytest.mark.anyio
RUTH = "ruth@home.example"


@pytest.fixture
async def sandbox() -> AsyncIterator[Addresses]:
    async with running_sandbox() as addresses:
        yield addresses


@pytest.fixture
async def http(sandbox: Addresses) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.url, timeout=20) as client:
        yield client


def settings_of(sandbox: Addresses) -> EmailSettings:
    return EmailSettings(
        from_address=US,
        smtp_host="127.0.0.1",
        smtp_port=sandbox.smtp_port,
        smtp_tls="none",
        smtp_username="u",
        smtp_password="p",
        inbound_secret=SECRET,
    )


async def test_smtplib_and_imaplib_agree_with_it(sandbox: Addresses) -> None:
    mail = a_mail("hello\n.\n..dots\n", to=f"{RUTH}, omar@home.example")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="lid.png")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=10) as smtp:
            smtp.login("ruth", "secret")
            smtp.send_message(mail)

    def read() -> tuple[EmailMessage, list[bytes], list[bytes]]:
        with imaplib.IMAP4("127.0.0.1", sandbox.imap_port, timeout=10) as imap:
            imap.login(RUTH, 'a "quoted" \\ password')
            assert imap.select("INBOX") == ("OK", [b"1"])
            _, [found] = imap.uid("SEARCH", "UNSEEN")
            _, fetched = imap.uid("FETCH", found.decode(), "(UID FLAGS BODY.PEEK[] RFC822.SIZE)")
            first = fetched[0]
            assert isinstance(first, tuple)
            imap.uid("STORE", found.decode(), "+FLAGS", "(\\Seen)")
            _, unseen = imap.search(None, "UNSEEN")
            parsed = message_from_bytes(first[1], _class=EmailMessage, policy=policy.default)
            return parsed, [first[0]], unseen

    await to_thread.run_sync(send)
    parsed, [head], unseen = await to_thread.run_sync(read)
    body = parsed.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["hello", ".", "..dots"]
    assert [part.get_content() for part in parsed.iter_attachments()] == [PNG]
    assert parsed["Delivered-To"] == RUTH
    assert b"UID 1" in head
    assert unseen == [b""]


async def test_a_wrong_password_is_refused(sandbox: Addresses) -> None:
    def try_both() -> None:
        with (
            smtplib.SMTP("127.0.0.1", guarded.smtp_port, timeout=10) as smtp,
            pytest.raises(smtplib.SMTPAuthenticationError),
        ):
            smtp.login("ruth", "wrong")
        with imaplib.IMAP4("127.0.0.1", guarded.imap_port, timeout=10) as imap, pytest.raises(imaplib.IMAP4.error):
            imap.login(RUTH, "wrong")

    async with running_sandbox(password="right") as guarded:
        await to_thread.run_sync(try_both)


async def test_a_piece_arrives_and_is_answered(sandbox: Addresses, http: httpx.AsyncClient) -> None:
    await send_piece(a_piece("Which one?"), context_of(settings_of(sandbox)))
    [mail] = (await http.get(f"/sandbox/mailboxes/{RUTH}", params={"wait": 10})).json()["mails"]
    assert mail["text"].strip() == "Which one?"
    assert "<p>Which one?</p>" in mail["html"]
    assert mail["headers"]["reply-to"].startswith("Ann <help+conv-")
    given = {"from": RUTH, "answers": mail["uid"], "text": "The blue.", "quotes": True}
    answered = await http.post("/sandbox/mails", json=given)
    assert answered.status_code == 201
    [answer] = (await http.get(f"/sandbox/mailboxes/{US}")).json()["mails"]
    assert answer["headers"]["in-reply-to"] == mail["headers"]["message-id"]
    assert answer["headers"]["subject"] == "Re: The kiln"
    assert "> Which one?" in answer["text"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "450", "method": "RCPT"}, RetryLaterError),
        ({"kind": "421", "method": "EHLO"}, RetryLaterError),
        ({"kind": "550", "method": "RCPT", "where": {"address": RUTH}}, RecipientError),
        ({"kind": "552", "method": "DATA"}, RecipientError),
        ({"kind": "reset_before", "method": "MAIL"}, RetryLaterError),
        ({"kind": "reset_after", "method": "DATA"}, UnknownOutcomeError),
        ({"kind": "hang", "method": "DATA"}, UnknownOutcomeError),
    ],
)
async def test_a_fault_happens_once(
    sandbox: Addresses, http: httpx.AsyncClient, fault: dict[str, object], kind: type[Exception]
) -> None:
    assert (await http.post("/sandbox/faults", json=fault)).status_code == 201
    with pytest.raises(kind):
        await send_piece(a_piece(), context_of(settings_of(sandbox), timeout_seconds=3))
    await send_piece(a_piece(), context_of(settings_of(sandbox)))
    mails = (await http.get(f"/sandbox/mailboxes/{RUTH}")).json()["mails"]
    assert len(mails) == (2 if fault["kind"] == "reset_after" else 1)
    assert len({mail["headers"]["message-id"] for mail in mails}) == 1


@pytest.mark.parametrize(("kind", "expected", "arrived"), [("bounce", "failed", 0), ("delay", "delayed", 1)])
async def test_a_mail_comes_back(
    sandbox: Addresses, http: httpx.AsyncClient, kind: str, expected: str, arrived: int
) -> None:
    await http.post("/sandbox/faults", json={"kind": kind, "method": "RCPT"})
    receipt = await send_piece(a_piece(), context_of(settings_of(sandbox)))
    [report] = (await http.get(f"/sandbox/mailboxes/{US}")).json()["mails"]
    told = status((await http.get(f"/sandbox/mails/{report['uid']}/raw")).content)
    assert (told.status, told.message_id) == (expected, receipt.external_ids[0])
    assert len((await http.get(f"/sandbox/mailboxes/{RUTH}")).json()["mails"]) == arrived


async def test_idle_tells_of_a_new_mail(sandbox: Addresses, http: httpx.AsyncClient) -> None:
    def wait_for_news(imap: imaplib.IMAP4) -> bytes:
        imap.send(b"x1 IDLE\r\n")
        assert imap.readline().startswith(b"+")
        return imap.readline()

    def opened() -> imaplib.IMAP4:
        imap = imaplib.IMAP4("127.0.0.1", sandbox.imap_port, timeout=10)
        imap.login(RUTH, "x")
        imap.select("INBOX")
        return imap

    def done(imap: imaplib.IMAP4) -> None:
        imap.send(b"DONE\r\n")
        assert imap.readline().startswith(b"x1 OK")
        imap.shutdown()

    imap = await to_thread.run_sync(opened)
    await http.post(f"/sandbox/raw?to={RUTH}", content=a_mail().as_bytes())
    assert await to_thread.run_sync(wait_for_news, imap) == b"* 1 EXISTS\r\n"
    await to_thread.run_sync(done, imap)


async def test_mails_are_posted_to_the_hook_with_its_secret(http: httpx.AsyncClient) -> None:
    taken: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        taken.append(request)
        return httpx.Response(503 if len(taken) == 1 else 200)

    async with (
        running_sandbox(hook_transport=httpx.MockTransport(take), first_retry_seconds=0.01) as hooked,
        httpx.AsyncClient(base_url=hooked.url, timeout=20) as client,
    ):
        await client.put(f"/sandbox/mailboxes/{US}/hook", json={"url": "http://x.example/hook", "secret": "s"})
        await client.post("/sandbox/mails", json={"from": RUTH, "to": f"Help <{US}>", "subject": "x", "text": "y"})
        while len(taken) < 2:
            await client.get("/sandbox/calls", params={"wait": 1})
    assert taken[0].content == taken[1].content
    assert taken[1].headers["x-chaskiq-secret"] == "s"
    assert b"Delivered-To: help@shop.example" in taken[1].content


async def test_the_page_is_there_and_what_cannot_be_written_is_refused(http: httpx.AsyncClient) -> None:
    page = await http.get("/phone")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for wrong in (
        {"from": "nobody", "to": US},
        {"from": RUTH, "to": US, "answers": 99},
        {"from": "a@b\r\nX: y", "to": US},
    ):
        assert (await http.post("/sandbox/mails", json=wrong)).status_code in (404, 422)
    ports = (await http.get("/sandbox")).json()
    assert set(ports) == {"smtp_port", "imap_port"}
