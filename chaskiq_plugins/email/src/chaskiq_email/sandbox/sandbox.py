"""The sandbox itself: what it holds, how a mail gets into a mailbox, and how it opens and closes."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict, Unpack

import anyio
import httpx

from chaskiq_core.testing.sandbox import (
    Bell,
    CallLog,
    Database,
    Delivery,
    Faults,
    Json,
    JsonObject,
    Lane,
    LoggedCall,
    Pace,
    Target,
    WaitingPost,
    WaitingPosts,
)
from chaskiq_email.sandbox.faults import BOUNCES, Fault
from chaskiq_email.sandbox.mailboxes import Mail, Mailboxes, mailbox_of
from chaskiq_email.sandbox.reports import DAEMON, Failed, report_on

LIFETIME_SECONDS = 4 * 24 * 3600.0
"""How long a mail server tries to hand a mail over."""


class SandboxOptions(TypedDict, total=False):
    """How a sandbox differs from the usual one."""

    password: str | None  # the one that is right for every user name; None: each is
    first_retry_seconds: float  # the wait after a hook's first failure; it doubles from there
    longest_retry_seconds: float  # the cap of that
    hook_transport: httpx.AsyncBaseTransport | None  # carries the posts; None is the network
    now: Callable[[], float]  # unix time
    pause: Callable[[float], Awaitable[None]]  # waits so many seconds


USUAL: SandboxOptions = {
    "password": None,
    "first_retry_seconds": 1.0,
    "longest_retry_seconds": 60.0,
    "hook_transport": None,
    "now": time.time,
    "pause": anyio.sleep,
}


class _Hooks:
    """What the deliveries ask: where a mailbox's mails go."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        self._mailboxes = mailboxes

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        hook = self._mailboxes.hook(account)
        if hook is None:
            return None
        headers = {"content-type": "message/rfc822", "x-chaskiq-secret": hook.secret}
        return Target(url=hook.url, headers=headers)

    def facts(self, post: WaitingPost) -> JsonObject:
        return {}

    def failed(self, account: str, error: str) -> None:
        """A mail server keeps that to its log."""


class MailSandbox:
    """A mail server of one's own. Every address has a mailbox."""

    def __init__(self, path: Path | None = None, **options: Unpack[SandboxOptions]) -> None:
        """Its memory is an SQLite file that outlives it, or nothing for None."""
        chosen: SandboxOptions = {**USUAL, **options}
        self.now, self.pause, self.password = chosen["now"], chosen["pause"], chosen["password"]
        self.closing = anyio.Event()
        self.news = Bell()
        self.database = Database(path)
        self.mailboxes = Mailboxes(self.database)
        self.calls = CallLog(self.database, secrets=["password"])
        self.posts = WaitingPosts(self.database)
        self.faults = Faults[Fault]()
        self.ports: dict[str, Json] = {}
        """Where SMTP and IMAP are, once they are there."""
        pace = Pace(
            first_retry_seconds=chosen["first_retry_seconds"],
            longest_retry_seconds=chosen["longest_retry_seconds"],
            timeout_seconds=60.0,
            now=self.now,
            pause=self.pause,
        )
        self.delivery = Delivery(self.posts, _Hooks(self.mailboxes), self.faults, pace, chosen["hook_transport"])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Post mails to hooks inside the block; the sandbox is closed after it."""
        try:
            async with self.delivery.running():
                yield
        finally:
            self.closing.set()
            self.database.close()

    def deliver(self, raw: bytes, *, recipient: str, sender: str) -> Mail:
        """A mail comes to an address: into its mailbox, and to the mailbox's hook."""
        mailbox = mailbox_of(recipient)
        head = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode()
        mail = self.mailboxes.add(mailbox, head + raw, sender=sender, at=self.now())
        if self.mailboxes.hook(mailbox) is not None:
            self.delivery.send(Lane(mailbox, ""), mail.raw, expires_at=self.now() + LIFETIME_SECONDS)
        self.news.ring()
        return mail

    def report(self, raw: bytes, *, recipient: str, sender: str, fault: str, said: str) -> None:
        """Tell a mail's sender that it did not arrive, or is late; a mail from nobody has nobody to tell."""
        if not sender:
            return
        code = "5.1.1" if BOUNCES[fault] == "failed" else "4.4.1"
        failed = Failed(raw=raw, recipient=recipient, sender=sender, action=BOUNCES[fault], code=code, said=said)
        report = report_on(failed, number=self.mailboxes.next_uid(), at=self.now())
        self.deliver(report, recipient=sender, sender="")

    def log(
        self, method: str, parameters: Mapping[str, Json], *, account: str, answer: str, uids: tuple[int, ...] = ()
    ) -> None:
        """Keep a command and what was answered."""
        self.calls.add(
            LoggedCall(
                at=self.now(),
                account=account or DAEMON,
                method=method,
                parameters=dict(parameters),
                is_accepted=answer[:1] in ("2", "3", "O"),
                outcome={"answer": answer},
                message_ids=uids,
            )
        )
        self.news.ring()

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self.faults.clear()
        self.delivery.let_go()

    def reset(self) -> None:
        """Forget mails, calls and faults."""
        self.mailboxes.forget()
        self.calls.forget()
        self.posts.forget()
        self.clear_faults()
        self.news.ring()
