"""What can go wrong on demand: a server's answer by its code, silence, a lost connection, a mail that comes back."""

from typing import ClassVar

from chaskiq_core.testing.sandbox import Fault as BaseFault

CODES = frozenset({"421", "450", "451", "452", "454", "530", "535", "550", "551", "552", "553", "554"})
BOUNCES = {"bounce": "failed", "delay": "delayed"}
"""The mail is taken, and a report on it comes to its sender: with a delay it arrives all the same."""
SAID = {
    "421": "4.3.2 service not available, closing",
    "450": "4.2.1 mailbox busy",
    "451": "4.7.1 greylisted, try again later",
    "452": "4.2.2 mailbox full for now",
    "454": "4.7.0 authentication is not available now",
    "530": "5.7.0 authentication required",
    "535": "5.7.8 bad user name or password",
    "550": "5.1.1 no such user",
    "551": "5.1.6 moved away",
    "552": "5.2.2 mailbox full",
    "553": "5.1.8 sender not allowed",
    "554": "5.7.1 refused by policy",
}


class Fault(BaseFault):
    """A command that goes wrong. `method` is the command (EHLO, AUTH, MAIL, RCPT, DATA; of IMAP its own), `where` may
    name the `address` that it is about."""

    OWN_KINDS: ClassVar[frozenset[str]] = CODES | frozenset(BOUNCES)

    @property
    def answer(self) -> str:
        """What the server says."""
        return f"{self.kind} {self.description or SAID.get(self.kind, '5.0.0 refused')}"
