"""A conversation with a mail server: connected, encrypted, signed in, within a time."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

from aiosmtplib import SMTP, SMTPException

from chaskiq_core.plugin import RecipientError
from chaskiq_email.manifest import EmailSettings
from chaskiq_email.sending.answers import error_of

ERRORS = (SMTPException, OSError, ValueError, TimeoutError)
SPARE_SECONDS = 0.5
"""The host ends the call then: what happened is said before."""


class Deadline:
    """What is left of a call."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + max(seconds - SPARE_SECONDS, 0.1)

    @property
    def left(self) -> float:
        """Seconds, never none."""
        return max(self._end - time.monotonic(), 0.05)


@asynccontextmanager
async def connected(settings: EmailSettings, deadline: Deadline) -> AsyncIterator[SMTP]:
    """A server that has greeted us and knows who we are; a SendError says why there is none."""
    host, port = settings.smtp_server
    smtp = SMTP(
        hostname=host,
        port=port,
        local_hostname=settings.from_address.rpartition("@")[2],
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=deadline.left,
    )
    try:
        try:
            await smtp.connect()
            if settings.smtp_username is not None and settings.smtp_password is not None:
                await smtp.login(settings.smtp_username, settings.smtp_password, timeout=deadline.left)
        except ERRORS as error:
            raise error_of(error, at_data=False, host=host) from error
        yield smtp
    finally:
        smtp.close()


async def hand_over(
    smtp: SMTP, mail: EmailMessage, *, recipient: str, host: str, sender: str, deadline: Deadline
) -> None:
    """Give the server a mail for one recipient; a SendError says what became of it otherwise."""
    at_data = False
    try:
        content = mail.as_bytes()
        needs_utf8 = not recipient.isascii()
        options = ["SMTPUTF8", "BODY=8BITMIME"] if needs_utf8 else []
        encoding = "utf-8" if needs_utf8 else "ascii"
        if needs_utf8 and not smtp.supports_extension("smtputf8"):
            raise RecipientError(f"{host} takes no address with letters beyond ASCII")
        if smtp.supports_extension("size"):
            options.insert(0, f"SIZE={len(content)}")
        await smtp.mail(sender, options=options, encoding=encoding, timeout=deadline.left)
        await smtp.rcpt(recipient, encoding=encoding, timeout=deadline.left)
        at_data = True
        await smtp.data(content, timeout=deadline.left)
    except ERRORS as error:
        raise error_of(error, at_data=at_data, host=host) from error
