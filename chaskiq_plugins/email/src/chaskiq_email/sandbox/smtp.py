"""The SMTP side (RFC 5321): takes mails for every address, and refuses, hangs or bounces where a fault says so."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from chaskiq_core.testing.sandbox import Json
from chaskiq_email.sandbox.faults import BOUNCES, CODES, Fault
from chaskiq_email.sandbox.sandbox import MailSandbox
from chaskiq_email.sandbox.wire import HungUpError, Wire

MAX_MAIL_BYTES = 30_000_000
NAME = "sandbox.example"
_PATH = re.compile(r"(?:FROM|TO):\s*<([^<>]*)>\s*(.*)", re.IGNORECASE)
_SIZE = re.compile(r"\bSIZE=(\d{1,12})\b", re.IGNORECASE)


@dataclass(slots=True)
class _Session:
    user: str = ""
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    bounced: dict[str, Fault] = field(default_factory=dict)

    def clear(self) -> None:
        self.sender, self.recipients, self.bounced = None, [], {}


class Smtp:
    """Talks to mail clients."""

    def __init__(self, sandbox: MailSandbox) -> None:
        self._sandbox = sandbox

    async def talk(self, wire: Wire) -> None:
        """One conversation."""
        session = _Session()
        await wire.send(f"220 {NAME} ESMTP")
        while True:
            line = (await wire.line()).decode("utf-8", "replace")
            verb, _, rest = line.partition(" ")
            await self._carry_out(wire, session, verb.upper(), rest.strip())

    async def _carry_out(self, wire: Wire, session: _Session, verb: str, rest: str) -> None:
        path = _PATH.fullmatch(rest)
        address = path.group(1) if path else ""
        facts: dict[str, Json] = {"address": address or session.user}
        fault = None if verb == "DATA" else self._sandbox.faults.take(verb, facts)
        if fault is not None and fault.kind in BOUNCES:
            session.bounced[address] = fault
        elif fault is not None:
            await self._fail(wire, session, verb, fault, facts, rest)
            return
        answer = await self._answer(wire, session, verb, rest)
        if answer is not None:
            self._sandbox.log(verb, facts, account=session.user, answer=answer)
            await wire.send(*answer.split("\n"))
        if verb == "QUIT":
            raise HungUpError

    async def _fail(
        self, wire: Wire, session: _Session, verb: str, fault: Fault, facts: dict[str, Json], rest: str
    ) -> None:
        answer = fault.answer if fault.kind in CODES else fault.kind
        self._sandbox.log(verb, facts, account=session.user, answer=answer)
        if fault.kind in CODES:
            await wire.send(answer)
            if fault.kind == "421":
                raise HungUpError
            return

        async def usual() -> None:
            said = await self._answer(wire, session, verb, rest)
            if said is not None:
                await wire.send(*said.split("\n"))

        await wire.go_wrong(fault, answer=usual)

    async def _answer(self, wire: Wire, session: _Session, verb: str, rest: str) -> str | None:
        """What is said to a command; None: it was said already."""
        match verb:
            case "EHLO":
                session.clear()
                return f"250-{NAME}\n250-SIZE {MAX_MAIL_BYTES}\n250-8BITMIME\n250-SMTPUTF8\n250 AUTH PLAIN LOGIN"
            case "HELO":
                session.clear()
                return f"250 {NAME}"
            case "AUTH":
                return await self._sign_in(wire, session, rest)
            case "MAIL":
                return self._begin(session, rest)
            case "RCPT":
                path = _PATH.fullmatch(rest)
                if session.sender is None:
                    return "503 5.5.1 MAIL first"
                if path is None or "@" not in path.group(1):
                    return "501 5.1.3 bad address"
                session.recipients.append(path.group(1))
                return "250 2.1.5 ok"
            case "DATA":
                await self._take(wire, session)
                return None
            case "RSET":
                session.clear()
                return "250 2.0.0 ok"
            case "NOOP":
                return "250 2.0.0 ok"
            case "QUIT":
                return "221 2.0.0 bye"
            case _:
                return "502 5.5.2 unknown command"

    def _begin(self, session: _Session, rest: str) -> str:
        path = _PATH.fullmatch(rest)
        if path is None:
            return "501 5.1.7 bad sender"
        size = _SIZE.search(path.group(2))
        if size is not None and int(size.group(1)) > MAX_MAIL_BYTES:
            return "552 5.3.4 message too big"
        session.clear()
        session.sender = path.group(1)
        return "250 2.1.0 ok"

    async def _sign_in(self, wire: Wire, session: _Session, rest: str) -> str:
        mechanism, _, first = rest.partition(" ")
        match mechanism.upper():
            case "PLAIN":
                if not first:
                    await wire.send("334 ")
                    first = (await wire.line()).decode("ascii", "replace")
                _, user, password = (*_decoded(first).split("\0"), "", "", "")[:3]
            case "LOGIN":
                if not first:
                    await wire.send("334 VXNlcm5hbWU6")
                    first = (await wire.line()).decode("ascii", "replace")
                await wire.send("334 UGFzc3dvcmQ6")
                user, password = _decoded(first), _decoded((await wire.line()).decode("ascii", "replace"))
            case _:
                return "504 5.5.4 unknown mechanism"
        if not user or (self._sandbox.password is not None and password != self._sandbox.password):
            return "535 5.7.8 bad user name or password"
        session.user = user
        return "235 2.7.0 welcome"

    async def _take(self, wire: Wire, session: _Session) -> None:
        """The mail itself: announced, read, kept, answered; a fault may come at its end."""
        facts: dict[str, Json] = {"address": ", ".join(session.recipients)}
        if session.sender is None or not session.recipients:
            await wire.send("503 5.5.1 MAIL and RCPT first")
            return
        await wire.send("354 go on, end with a dot")
        raw = await self._content(wire)
        fault = self._sandbox.faults.take("DATA", {"address": session.recipients[0]})
        uids: tuple[int, ...] = ()
        answer = "250 2.0.0 taken"
        if len(raw) > MAX_MAIL_BYTES:
            answer = "552 5.3.4 message too big"
        elif fault is not None and fault.kind in CODES:
            answer = fault.answer
        elif fault is None or fault.kind in BOUNCES or fault.is_carried_out:
            uids = self._keep(session, raw, fault)
        self._sandbox.log("DATA", facts, account=session.user, answer=answer, uids=uids)
        session.clear()
        if fault is not None and fault.kind not in CODES and fault.kind not in BOUNCES:
            await wire.go_wrong(fault, answer=lambda: wire.send(answer))
            return
        await wire.send(answer)
        if answer.startswith("421"):
            raise HungUpError

    async def _content(self, wire: Wire) -> bytes:
        first = await wire.exactly(3)
        if first == b".\r\n":
            return b""
        rest = await wire.until(b"\r\n.\r\n")
        raw = first + rest + b"\r\n"
        return (raw[1:] if raw.startswith(b"..") else raw).replace(b"\r\n..", b"\r\n.")

    def _keep(self, session: _Session, raw: bytes, fault: Fault | None) -> tuple[int, ...]:
        """Into the mailbox of each recipient; what bounces comes to its sender instead."""
        uids: list[int] = []
        for recipient in session.recipients:
            bounced = session.bounced.get(recipient) or (fault if fault and fault.kind in BOUNCES else None)
            if bounced is None or BOUNCES[bounced.kind] == "delayed":
                uids.append(self._sandbox.deliver(raw, recipient=recipient, sender=session.sender or "").uid)
            if bounced is not None:
                said = bounced.description or (
                    "550 5.1.1 no such user" if bounced.kind == "bounce" else "451 4.4.1 later"
                )
                self._sandbox.report(
                    raw, recipient=recipient, sender=session.sender or "", fault=bounced.kind, said=said
                )
        return tuple(uids)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
