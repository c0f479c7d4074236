"""Fetching mails by IMAP: what is new behind the last one that was fetched, without marking anything as read."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from anyio import to_thread

from chaskiq_core.plugin import AccountError, ChannelContext, Polled, ReauthError, RetryLaterError, WebhookRequest
from chaskiq_email.manifest import EmailSettings
from chaskiq_email.reading.attachments import TRUNCATED

MAX_MAILS = 25
MAX_BYTES = 9_000_000
"""Of one look, and of one mail: a larger one is fetched up to there, and says so."""
PORTS = {"tls": 993, "starttls": 143, "none": 143}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"UID (\d+)\b.*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+)\b.*?UID (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a look ended: the folder's own numbering, the last number, the day."""

    validity: int
    uid: int
    day: date

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}:{self.day.isoformat()}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """None at the beginning, or for what is none."""
        try:
            validity, uid, day = text.split(":")
            return cls(validity=int(validity), uid=int(uid), day=date.fromisoformat(day))
        except ValueError:
            return None


async def poll_mailbox(cursor: str, context: ChannelContext[EmailSettings]) -> Polled | None:
    """What is new; None if the settings name no IMAP server."""
    if context.settings.imap_host is None:
        return None
    return await to_thread.run_sync(
        _poll, Cursor.read(cursor), context.settings, context.timeout_seconds, abandon_on_cancel=True
    )


async def try_mailbox(context: ChannelContext[EmailSettings]) -> int:
    """How many mails the folder holds; a SendError says why it can't be read."""
    return await to_thread.run_sync(_count, context.settings, context.timeout_seconds, abandon_on_cancel=True)


def _poll(cursor: Cursor | None, settings: EmailSettings, seconds: float) -> Polled:
    with _opened(settings, seconds) as (imap, validity, _):
        today = datetime.now(UTC).date()
        if cursor is None:
            return Polled(requests=(), cursor=str(Cursor(validity=validity, uid=_last(imap, settings), day=today)))
        found = _new_uids(imap, cursor, validity)
        wanted = found[:MAX_MAILS]
        sizes = _sizes(imap, wanted)
        requests: list[WebhookRequest] = []
        taken, last = 0, cursor.uid if cursor.validity == validity else 0
        for uid in wanted:
            size = sizes.get(uid, 0)
            if requests and taken + min(size, MAX_BYTES) > MAX_BYTES:
                break
            taken += min(size, MAX_BYTES)
            if (raw := _fetch(imap, uid, size)) is not None:
                requests.append(WebhookRequest(headers={"content-type": "message/rfc822"}, body=raw))
            last = uid
        now = Cursor(validity=validity, uid=last, day=today)
        return Polled(requests=tuple(requests), cursor=str(now), more=bool(found) and last < found[-1])


def _count(settings: EmailSettings, seconds: float) -> int:
    with _opened(settings, seconds) as (_, _, count):
        return count


@contextmanager
def _opened(settings: EmailSettings, seconds: float) -> Iterator[tuple[imaplib.IMAP4, int, int]]:
    """The folder, read only: with its numbering's name and how many mails it holds."""
    host, tls = settings.imap_host or "", settings.imap_tls or "tls"
    port = settings.imap_port or PORTS[tls]
    try:
        if tls == "tls":
            imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                host, port, ssl_context=ssl.create_default_context(), timeout=seconds / 2
            )
        else:
            imap = imaplib.IMAP4(host, port, timeout=seconds / 2)
            if tls == "starttls":
                imap.starttls(ssl.create_default_context())
    except (OSError, imaplib.IMAP4.error) as error:
        raise RetryLaterError(f"{host} can't be reached: {error}") from error
    try:
        try:
            user = settings.imap_username or settings.smtp_username or settings.from_address
            imap.login(user, settings.imap_password or settings.smtp_password or "")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise ReauthError(f"{host} refused the user name or password: {error}") from error
        said, count = imap.select(f'"{settings.imap_folder}"', readonly=True)
        if said != "OK":
            raise AccountError(f"{host} has no folder {settings.imap_folder!r}")
        _, validity = imap.response("UIDVALIDITY")
        yield imap, _number(validity), _number(count)
    except (OSError, imaplib.IMAP4.error) as error:
        raise RetryLaterError(f"{host} does not go on: {error}") from error
    finally:
        imap.shutdown()


def _last(imap: imaplib.IMAP4, settings: EmailSettings) -> int:
    """The number of the folder's last mail: what is there already is nobody's news."""
    _, following = imap.response("UIDNEXT")
    if number := _number(following):
        return number - 1
    return max(_uids(imap, "ALL"), default=0)


def _new_uids(imap: imaplib.IMAP4, cursor: Cursor, validity: int) -> list[int]:
    """What came behind the cursor. In a folder that was numbered anew, what came since the day before: of these the
    known ones are found by their own ids."""
    if cursor.validity == validity:
        return [uid for uid in _uids(imap, f"UID {cursor.uid + 1}:*") if uid > cursor.uid]
    since = cursor.day - timedelta(days=1)
    return _uids(imap, f"SINCE {since.day:02d}-{MONTHS[since.month - 1]}-{since.year}")


def _uids(imap: imaplib.IMAP4, criterion: str) -> list[int]:
    _, found = imap.uid("SEARCH", criterion)
    return sorted(int(one) for line in found if isinstance(line, bytes) for one in line.split() if one.isdigit())


def _sizes(imap: imaplib.IMAP4, uids: list[int]) -> dict[int, int]:
    if not uids:
        return {}
    _, told = imap.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
    sizes: dict[int, int] = {}
    for line in told:
        if isinstance(line, bytes) and (found := _SIZE.search(line)):
            uid, size, size_first, uid_behind = found.groups()
            sizes[int(uid or uid_behind)] = int(size or size_first)
    return sizes


def _fetch(imap: imaplib.IMAP4, uid: int, size: int) -> bytes | None:
    """The mail; None if it is gone meanwhile."""
    part = f"(BODY.PEEK[]<0.{MAX_BYTES}>)" if size > MAX_BYTES else "(BODY.PEEK[])"
    _, told = imap.uid("FETCH", str(uid), part)
    raw: object = next((one[1] for one in told if isinstance(one, tuple) and len(one) > 1), None)
    if not isinstance(raw, bytes):
        return None
    return f"{TRUNCATED}: {size}\r\n".encode() + raw if size > MAX_BYTES else raw


def _number(told: list[bytes | None] | list[bytes] | list[None]) -> int:
    first = told[0] if told else None
    return int(first) if isinstance(first, bytes) and first.isdigit() else 0
