"""The IMAP side (RFC 3501, and IDLE): what mail clients and pollers ask of a mailbox with one folder."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from chaskiq_core.testing.sandbox import first_of
from chaskiq_email.sandbox.faults import CODES
from chaskiq_email.sandbox.mailboxes import SEEN, Mail, mailbox_of
from chaskiq_email.sandbox.sandbox import MailSandbox
from chaskiq_email.sandbox.wire import HungUpError, Wire

CAPABILITIES = "IMAP4rev1 IDLE UIDPLUS AUTH=PLAIN"
UIDVALIDITY = 1
FLAGS = "(\\Answered \\Flagged \\Deleted \\Seen \\Draft)"
IDLE_LOOK_SECONDS = 60.0
_LITERAL = re.compile(rb"\{(\d{1,8})\+?\}$")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s()\[\]]+(?:\[[^\]]*\](?:<[\d.]+>)?)?)|([()])')
_PARTIAL = re.compile(r"<(\d+)\.(\d+)>")


@dataclass(slots=True)
class _Session:
    user: str = ""
    is_selected: bool = False
    is_readonly: bool = False
    shown: tuple[int, ...] = ()
    """The numbers of the mails in their order, as the client knows them."""


class Imap:
    """Talks to mail clients."""

    def __init__(self, sandbox: MailSandbox) -> None:
        self._sandbox = sandbox

    async def talk(self, wire: Wire) -> None:
        """One conversation."""
        session = _Session()
        await wire.send(f"* OK [CAPABILITY {CAPABILITIES}] sandbox is ready")
        while True:
            line = await self._command(wire)
            tag, _, rest = line.partition(" ")
            verb, _, rest = rest.partition(" ")
            if not tag or not verb:
                await wire.send(f"{tag or '*'} BAD what?")
                continue
            await self._carry_out(wire, session, tag, verb.upper(), rest)

    async def _command(self, wire: Wire) -> str:
        """A command with its literals as quoted strings."""
        line = await wire.line()
        while found := _LITERAL.search(line):
            if not line.endswith(b"+}"):
                await wire.send("+ go on")
            literal = await wire.exactly(int(found.group(1)))
            quoted = literal.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            line = line[: found.start()] + b'"' + quoted + b'"' + await wire.line()
        return line.decode("utf-8", "replace")

    async def _carry_out(self, wire: Wire, session: _Session, tag: str, verb: str, rest: str) -> None:
        fault = self._sandbox.faults.take(verb, {"address": session.user})
        if fault is not None:
            self._sandbox.log(verb, {}, account=session.user, answer=fault.kind)
            if fault.kind in CODES:
                await wire.send(f"{tag} NO {fault.description or 'refused'}")
            else:
                await wire.go_wrong(fault)
            return
        answer = await self._answer(wire, session, tag, verb, rest)
        told = {"rest": "" if verb in ("LOGIN", "AUTHENTICATE") else rest[:200]}
        self._sandbox.log(verb, {**told}, account=session.user, answer=answer)
        await wire.send(f"{tag} {answer}")
        if verb == "LOGOUT":
            raise HungUpError

    async def _answer(self, wire: Wire, session: _Session, tag: str, verb: str, rest: str) -> str:
        match verb:
            case "CAPABILITY":
                await wire.send(f"* CAPABILITY {CAPABILITIES}")
                return "OK done"
            case "LOGIN":
                return self._sign_in(session, *_words(rest)[:2])
            case "NOOP" | "CHECK":
                await self._tell_news(wire, session)
                return "OK done"
            case "LOGOUT":
                await wire.send("* BYE see you")
                return "OK done"
        if not session.user:
            return "NO sign in first"
        match verb:
            case "LIST" | "LSUB":
                await wire.send(f'* {verb} (\\HasNoChildren) "/" INBOX')
                return "OK done"
            case "STATUS":
                mails = self._mails(session)
                unseen = sum(SEEN not in mail.flags for mail in mails)
                known = {
                    "MESSAGES": len(mails),
                    "UNSEEN": unseen,
                    "UIDNEXT": self._sandbox.mailboxes.next_uid(),
                    "UIDVALIDITY": UIDVALIDITY,
                    "RECENT": 0,
                }
                asked = [name for name in known if name in rest.upper()]
                await wire.send(f"* STATUS INBOX ({' '.join(f'{name} {known[name]}' for name in asked)})")
                return "OK done"
            case "SELECT" | "EXAMINE":
                return await self._select(wire, session, verb, rest)
        if not session.is_selected:
            return "NO select a folder first" if verb in _OF_FOLDERS else "BAD unknown command"
        match verb:
            case "SEARCH":
                await self._search(wire, session, rest, by_uid=False)
                return "OK done"
            case "FETCH":
                await self._fetch(wire, session, rest, by_uid=False)
                return "OK done"
            case "STORE":
                return await self._store(wire, session, rest, by_uid=False)
            case "UID":
                return await self._by_uid(wire, session, rest)
            case "EXPUNGE" | "CLOSE":
                await self._expunge(wire, session, aloud=verb == "EXPUNGE")
                session.is_selected = verb == "EXPUNGE"
                return "OK done"
            case "IDLE":
                return await self._idle(wire, session)
            case _:
                return "BAD unknown command"

    def _sign_in(self, session: _Session, user: str = "", password: str = "") -> str:
        if "@" not in user or (self._sandbox.password is not None and password != self._sandbox.password):
            return "NO [AUTHENTICATIONFAILED] bad user name or password"
        session.user = mailbox_of(user)
        return "OK welcome"

    def _mails(self, session: _Session) -> list[Mail]:
        return self._sandbox.mailboxes.mails(session.user, with_sent=False)

    async def _select(self, wire: Wire, session: _Session, verb: str, rest: str) -> str:
        if next(iter(_words(rest)), "").upper() != "INBOX":
            return "NO there is INBOX, and no other folder"
        mails = self._mails(session)
        session.is_selected, session.is_readonly = True, verb == "EXAMINE"
        session.shown = tuple(mail.uid for mail in mails)
        await wire.send(
            f"* FLAGS {FLAGS}",
            f"* {len(mails)} EXISTS",
            "* 0 RECENT",
            f"* OK [UIDVALIDITY {UIDVALIDITY}] they stay",
            f"* OK [UIDNEXT {self._sandbox.mailboxes.next_uid()}] the next one",
            f"* OK [PERMANENTFLAGS {FLAGS}] these",
        )
        return f"OK [{'READ-ONLY' if session.is_readonly else 'READ-WRITE'}] done"

    async def _tell_news(self, wire: Wire, session: _Session) -> None:
        if not session.is_selected:
            return
        now = tuple(mail.uid for mail in self._mails(session))
        for uid in [uid for uid in session.shown if uid not in now]:
            await wire.send(f"* {session.shown.index(uid) + 1} EXPUNGE")
            session.shown = tuple(one for one in session.shown if one != uid)
        if len(now) != len(session.shown):
            session.shown = now
            await wire.send(f"* {len(now)} EXISTS")

    async def _by_uid(self, wire: Wire, session: _Session, rest: str) -> str:
        verb, _, more = rest.partition(" ")
        match verb.upper():
            case "SEARCH":
                await self._search(wire, session, more, by_uid=True)
            case "FETCH":
                await self._fetch(wire, session, more, by_uid=True)
            case "STORE":
                return await self._store(wire, session, more, by_uid=True)
            case "EXPUNGE":
                await self._expunge(wire, session, aloud=True)
            case _:
                return "BAD unknown command"
        return "OK done"

    async def _search(self, wire: Wire, session: _Session, rest: str, *, by_uid: bool) -> None:
        await self._tell_news(wire, session)
        words = [word.upper() for word in _words(rest)]
        fits: list[Callable[[Mail, int], bool]] = []
        while words:
            fits.append(_criterion(words, self._highest(session)))
        found = [
            str(mail.uid if by_uid else n)
            for n, mail in enumerate(self._known(session), 1)
            if all(fit(mail, n) for fit in fits)
        ]
        await wire.send(" ".join(["* SEARCH", *found]))

    def _highest(self, session: _Session) -> int:
        return max(session.shown, default=0)

    def _known(self, session: _Session) -> list[Mail]:
        return [mail for mail in self._mails(session) if mail.uid in session.shown]

    def _chosen(self, session: _Session, numbers: str, *, by_uid: bool) -> list[tuple[int, Mail]]:
        mails = list(enumerate(self._known(session), 1))
        highest = self._highest(session) if by_uid else len(mails)
        wanted = _ranges(numbers, highest)
        return [
            (n, mail) for n, mail in mails if any(low <= (mail.uid if by_uid else n) <= high for low, high in wanted)
        ]

    async def _fetch(self, wire: Wire, session: _Session, rest: str, *, by_uid: bool) -> None:
        numbers, _, asked = rest.partition(" ")
        items = [word.upper() for word in _words(asked)]
        for n, mail in self._chosen(session, numbers, by_uid=by_uid):
            marks = any(item.startswith("BODY[") or item == "RFC822" for item in items) and not session.is_readonly
            if marks and SEEN not in mail.flags:
                self._sandbox.mailboxes.set_flags(mail.uid, mail.flags | {SEEN})
            said = [_item(mail, item) for item in items if item != "UID"]
            if by_uid or "UID" in items:
                said.insert(0, f"UID {mail.uid}".encode())
            await wire.send(f"* {n} FETCH (".encode() + b" ".join(said) + b")")

    async def _store(self, wire: Wire, session: _Session, rest: str, *, by_uid: bool) -> str:
        if session.is_readonly:
            return "NO it is read only"
        numbers, _, more = rest.partition(" ")
        how, _, flags = more.partition(" ")
        given = frozenset(word for word in _words(flags))
        for n, mail in self._chosen(session, numbers, by_uid=by_uid):
            sign = how[:1]
            now = mail.flags | given if sign == "+" else mail.flags - given if sign == "-" else given
            self._sandbox.mailboxes.set_flags(mail.uid, now)
            if not how.upper().endswith(".SILENT"):
                await wire.send(f"* {n} FETCH (UID {mail.uid} FLAGS ({' '.join(sorted(now))}))")
        return "OK done"

    async def _expunge(self, wire: Wire, session: _Session, *, aloud: bool) -> None:
        for mail in self._mails(session):
            if "\\Deleted" in mail.flags:
                self._sandbox.mailboxes.remove(mail.uid)
        if aloud:
            await self._tell_news(wire, session)

    async def _idle(self, wire: Wire, session: _Session) -> str:
        """Tell of new mails until the client says DONE."""
        await wire.send("+ idling")
        said = ""

        async def wait_for_done() -> None:
            nonlocal said
            said = (await wire.line()).decode("ascii", "replace")

        async def tell() -> None:
            while True:
                rung = self._sandbox.news.rung
                await self._tell_news(wire, session)
                await rung.wait()

        await first_of(wait_for_done, tell, self._sandbox.closing.wait)
        return "OK done" if said.upper() == "DONE" else "BAD expected DONE"


_OF_FOLDERS = frozenset({"SEARCH", "FETCH", "STORE", "UID", "EXPUNGE", "CLOSE", "IDLE"})


def _words(text: str) -> list[str]:
    """The words of a command; parentheses are left out."""
    return [
        re.sub(r"\\(.)", r"\1", found.group(1)) if found.group(1) is not None else found.group(2)
        for found in _TOKEN.finditer(text)
        if found.group(3) is None
    ]


def _ranges(numbers: str, highest: int) -> list[tuple[int, int]]:
    found = []
    for part in numbers.split(","):
        low, _, high = part.partition(":")
        ends = [highest if end == "*" else int(end) if end.isdecimal() else 0 for end in (low, high or low)]
        found.append((min(ends), max(ends)))
    return found


def _criterion(words: list[str], highest: int) -> Callable[[Mail, int], bool]:
    """The next criterion of a search, taken off the words; an unknown one fits all."""
    word = words.pop(0)
    match word:
        case "UNSEEN" | "NEW":
            return lambda mail, n: SEEN not in mail.flags
        case "SEEN":
            return lambda mail, n: SEEN in mail.flags
        case "UID" if words:
            ranges = _ranges(words.pop(0), highest)
            return lambda mail, n: any(low <= mail.uid <= high for low, high in ranges)
        case "SINCE" | "BEFORE" | "ON" | "FROM" | "TO" | "SUBJECT" | "CHARSET" if words:
            words.pop(0)
        case _ if word[0].isdecimal():
            ranges = _ranges(word, highest)
            return lambda mail, n: any(low <= n <= high for low, high in ranges)
    return lambda mail, n: True


def _item(mail: Mail, item: str) -> bytes:
    """One thing that was asked of a mail."""
    match item:
        case "FLAGS":
            return f"FLAGS ({' '.join(sorted(mail.flags))})".encode()
        case "INTERNALDATE":
            return f'INTERNALDATE "{datetime.fromtimestamp(mail.at, UTC):%d-%b-%Y %H:%M:%S +0000}"'.encode()
        case "RFC822.SIZE":
            return f"RFC822.SIZE {len(mail.raw)}".encode()
    name = item.partition("<")[0].replace(".PEEK", "")
    content = mail.raw
    if "HEADER" in item:
        content = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    elif "TEXT" in item:
        content = mail.raw.partition(b"\r\n\r\n")[2]
    if part := _PARTIAL.search(item):
        begin = int(part.group(1))
        content = content[begin : begin + int(part.group(2))]
        name = f"{name}<{begin}>"
    return f"{name} {{{len(content)}}}\r\n".encode() + content
