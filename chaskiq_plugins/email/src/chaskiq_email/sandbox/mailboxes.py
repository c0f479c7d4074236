"""The mails of all addresses: each has one folder, INBOX, with numbers that only grow."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    uid INTEGER PRIMARY KEY AUTOINCREMENT, mailbox TEXT NOT NULL, raw BLOB NOT NULL, flags TEXT NOT NULL,
    at REAL NOT NULL, sender TEXT NOT NULL, is_sent INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS mails_by_mailbox ON mails (mailbox, uid);
CREATE TABLE IF NOT EXISTS hooks (mailbox TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL);
"""
SEEN = "\\Seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail in a mailbox."""

    uid: int
    mailbox: str
    raw: bytes
    flags: frozenset[str]
    at: float  # unix time
    is_sent: bool  # written by the mailbox's owner; IMAP does not show it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where the mails of a mailbox are posted."""

    url: str
    secret: str


def mailbox_of(address: str) -> str:
    """The mailbox that an address belongs to: in lower case, without what stands behind a plus."""
    local, _, domain = address.strip().lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


class Mailboxes:
    """Reads and writes mails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add(self, mailbox: str, raw: bytes, *, sender: str, at: float, is_sent: bool = False) -> Mail:
        """A mail at the end of the mailbox; one's own is read already."""
        flags = SEEN if is_sent else ""
        with self._database.transaction():
            uid = self._database.insert(
                "INSERT INTO mails (mailbox, raw, flags, at, sender, is_sent) VALUES (?, ?, ?, ?, ?, ?)",
                (mailbox, raw, flags, at, sender, is_sent),
            )
        found = self.mail(uid)
        assert found is not None
        return found

    def mail(self, uid: int) -> Mail | None:
        """One mail of anybody."""
        row = self._database.row("SELECT * FROM mails WHERE uid = ?", (uid,))
        return _mail(row) if row else None

    def mails(self, mailbox: str, *, after: int = 0, with_sent: bool = True) -> list[Mail]:
        """The mails of a mailbox, the oldest first."""
        rows = self._database.rows(
            "SELECT * FROM mails WHERE mailbox = ? AND uid > ? AND (? OR NOT is_sent) ORDER BY uid",
            (mailbox, after, with_sent),
        )
        return [_mail(row) for row in rows]

    def names(self) -> list[str]:
        """The mailboxes that hold a mail."""
        return [row["mailbox"] for row in self._database.rows("SELECT DISTINCT mailbox FROM mails ORDER BY mailbox")]

    def next_uid(self) -> int:
        """The number of the next mail."""
        row = self._database.row("SELECT seq FROM sqlite_sequence WHERE name = 'mails'")
        return int(row["seq"]) + 1 if row else 1

    def set_flags(self, uid: int, flags: frozenset[str]) -> None:
        with self._database.transaction():
            self._database.write("UPDATE mails SET flags = ? WHERE uid = ?", (" ".join(sorted(flags)), uid))

    def remove(self, uid: int) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM mails WHERE uid = ?", (uid,))

    def set_hook(self, mailbox: str, hook: Hook | None) -> None:
        """Where the mailbox's mails are posted from now on; None: nowhere."""
        with self._database.transaction():
            self._database.write("DELETE FROM hooks WHERE mailbox = ?", (mailbox,))
            if hook is not None:
                self._database.write("INSERT INTO hooks VALUES (?, ?, ?)", (mailbox, hook.url, hook.secret))

    def hook(self, mailbox: str) -> Hook | None:
        row = self._database.row("SELECT * FROM hooks WHERE mailbox = ?", (mailbox,))
        return Hook(url=row["url"], secret=row["secret"]) if row else None

    def forget(self) -> None:
        """No mail is left; no number comes twice, and hooks stay."""
        with self._database.transaction():
            self._database.write("DELETE FROM mails")


def _mail(row: Row) -> Mail:
    return Mail(
        uid=row["uid"],
        mailbox=row["mailbox"],
        raw=row["raw"],
        flags=frozenset(row["flags"].split()),
        at=row["at"],
        is_sent=bool(row["is_sent"]),
    )
