"""Plays e-mail for the conformance kit: people at their mailboxes on one side, the plugin on the other."""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage

import httpx

from chaskiq_core.testing.conformance import ExcusedError, Person, SandboxDriver, Shown, ShownFile, Wrong
from chaskiq_core.testing.sandbox import FaultKind, JsonObject
from chaskiq_email.sandbox.faults import Fault
from chaskiq_email.sandbox.mailboxes import Hook, Mail
from chaskiq_email.sandbox.sandbox import MailSandbox
from chaskiq_email.sandbox.server import running_sandbox
from chaskiq_email.sandbox.showing import read

HELP = "help@shop.example"
SECRET = "the secret that the kit's mail server shows"
PASSWORD = "the password of the kit's mailbox"
FAULTS = {
    Wrong.RATE_LIMITED: Fault(kind="450", method="RCPT"),
    Wrong.SERVER_ERROR: Fault(kind="451", method="MAIL", description="4.3.0 try another time"),
    Wrong.UNAUTHORIZED: Fault(kind="535", method="AUTH"),
    Wrong.RECIPIENT_GONE: Fault(kind="550", method="RCPT"),
    Wrong.CONTENT_REFUSED: Fault(kind="554", method="DATA", description="5.6.0 we take no such mail"),
    Wrong.RESET_BEFORE: Fault(kind=FaultKind.RESET_BEFORE, method="MAIL"),
    Wrong.RESET_AFTER: Fault(kind=FaultKind.RESET_AFTER, method="DATA"),
    Wrong.GARBAGE_AFTER: Fault(kind=FaultKind.GARBAGE, method="DATA", accept=True),
    Wrong.SLOW: Fault(kind=FaultKind.SLOW, method="DATA", seconds=1),
}


class Driver(SandboxDriver):
    """A mailbox of ours, and people who write to it."""

    @asynccontextmanager
    async def running(self, hooks: httpx.AsyncBaseTransport) -> AsyncIterator[None]:
        self._sandbox = MailSandbox(
            first_retry_seconds=0.05, longest_retry_seconds=0.2, hook_transport=hooks, password=PASSWORD
        )
        async with (
            running_sandbox(self._sandbox) as addresses,
            httpx.AsyncClient(base_url=addresses.url, trust_env=False, timeout=30) as http,
        ):
            self._addresses, self._http = addresses, http
            yield

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "from_address": HELP,
            "smtp_host": "127.0.0.1",
            "smtp_port": str(self._addresses.smtp_port),
            "smtp_username": HELP,
            "smtp_password": PASSWORD,
            "smtp_tls": "none",
            "inbound_secret": SECRET,
        }

    async def registered(self, hook_url: str) -> None:
        await super().registered(hook_url)
        self._sandbox.mailboxes.set_hook(HELP, Hook(url=hook_url, secret=SECRET))

    async def write(self, person: Person, text: str, *, reply_to: str | None = None) -> None:
        answered = next((one for one in self._ours(person) if _id(read(one)) == reply_to), None)
        await self._write(person, {"text": text}, answers=answered or self._latest_of(person))

    async def shown(self, person: Person) -> Sequence[Shown]:
        return [_shown(read(mail)) for mail in self._once_each(person)]

    async def go_wrong(self, wrong: Wrong, *, times: int = 1) -> None:
        if wrong is Wrong.WINDOW_CLOSED:
            raise ExcusedError("e-mail has no window")
        count = None if wrong is Wrong.UNAUTHORIZED else times
        self._sandbox.faults.add(FAULTS[wrong].model_copy(update={"times": count}))

    async def write_unknown(self, person: Person) -> None:
        latest = self._latest_of(person)
        answered = f"In-Reply-To: <{_id(read(latest))}>\r\n" if latest else ""
        unknown = (
            f"From: {_address(person)}\r\nTo: {HELP}\r\nMessage-ID: <unknown@home.example>\r\n{answered}"
            "Content-Type: multipart/hologram; boundary=none\r\n\r\n"
        )
        self._sandbox.deliver(unknown.encode(), recipient=HELP, sender=_address(person))

    async def send_file(self, person: Person, filename: str, content: bytes) -> None:
        file: JsonObject = {"filename": filename, "content": base64.b64encode(content).decode()}
        await self._write(person, {"text": "", "attachments": [file]}, answers=self._latest_of(person))

    async def press(self, person: Person, message_id: str, label: str) -> None:
        raise ExcusedError("a mail has no buttons")

    async def edit(self, person: Person, text: str) -> None:
        raise ExcusedError("a mail that was sent is never changed")

    async def react(self, person: Person, message_id: str, emoji: str) -> None:
        raise ExcusedError("mails have no reactions")

    async def redeliver_under_another_id(self) -> None:
        latest = self._sandbox.mailboxes.mails(HELP)[-1]
        again = b"Received: from elsewhere by sandbox.example\r\n" + latest.raw
        self._sandbox.deliver(again, recipient=HELP, sender="")

    async def echo(self, person: Person) -> None:
        latest = self._ours(person)[-1]
        self._sandbox.deliver(latest.raw, recipient=HELP, sender=HELP)

    async def tell_status(self, person: Person, status: str) -> None:
        message_id = _id(read(self._ours(person)[-1]))
        report = _receipt(person, message_id) if status == "read" else _report(person, message_id, status)
        self._sandbox.deliver(report.encode(), recipient=HELP, sender="")

    async def saw_typing(self, person: Person) -> bool:
        raise ExcusedError("nobody sees a mail being written")

    async def saw_acknowledged(self) -> bool:
        raise ExcusedError("a mail has no buttons")

    async def _write(self, person: Person, body: JsonObject, *, answers: Mail | None) -> None:
        to: JsonObject = {"answers": answers.uid} if answers else {"to": HELP, "subject": "A question"}
        given: JsonObject = {"from": _address(person), "name": person.name, **to, **body}
        (await self._http.post("/sandbox/mails", json=given)).raise_for_status()

    def _ours(self, person: Person) -> list[Mail]:
        return [mail for mail in self._sandbox.mailboxes.mails(_address(person)) if not mail.is_sent]

    def _once_each(self, person: Person) -> list[Mail]:
        """A mail that came twice under one id is one, as mailboxes show it."""
        return list({_id(read(mail)): mail for mail in self._ours(person)}.values())

    def _latest_of(self, person: Person) -> Mail | None:
        """What the person answers: their thread goes on, from their own first mail if there is no answer yet."""
        mails = self._sandbox.mailboxes.mails(_address(person))
        return next(iter(self._ours(person)[-1:]), None) or next(iter(mails[-1:]), None)


def _address(person: Person) -> str:
    return f"person{person.number}@home.example"


def _id(mail: EmailMessage) -> str:
    return str(mail["Message-ID"]).strip("<>")


def _shown(mail: EmailMessage) -> Shown:
    body = mail.get_body(("plain",))
    text: object = body.get_content() if body is not None else ""
    answered = mail["In-Reply-To"]
    return Shown(
        id=_id(mail),
        text=str(text).strip("\n"),
        files=tuple(_file(part) for part in mail.iter_attachments()),
        reply_to=str(answered).strip("<>") if answered else None,
    )


def _file(part: EmailMessage) -> ShownFile:
    kind = part.get_content_maintype()
    content = part.get_payload(decode=True)
    return ShownFile(
        type=kind if kind in ("image", "video", "audio") else "file",
        size=len(content) if isinstance(content, bytes) else 0,
    )


def _report(person: Person, message_id: str, status: str) -> str:
    return (
        f"From: MAILER-DAEMON@sandbox.example\r\nTo: {HELP}\r\nMessage-ID: <{status}.{message_id}>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=report\r\n\r\n"
        "--report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; sandbox.example\r\n\r\n"
        f"Final-Recipient: rfc822; {_address(person)}\r\nAction: {status}\r\nStatus: 2.0.0\r\n\r\n"
        f"--report\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--report--\r\n"
    )


def _receipt(person: Person, message_id: str) -> str:
    return (
        f"From: {_address(person)}\r\nTo: {HELP}\r\nMessage-ID: <read.{message_id}>\r\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=report\r\n\r\n"
        "--report\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Original-Message-ID: <{message_id}>\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--report--\r\n"
    )
