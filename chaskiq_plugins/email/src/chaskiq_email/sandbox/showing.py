"""A mail as the webmail page shows it, and a mail as a person writes it: by the standard library, as others read it."""

import base64
import binascii
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, formataddr, parseaddr

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject
from chaskiq_email.sandbox.mailboxes import SEEN, Mail

SHOWN = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")


def read(mail: Mail) -> EmailMessage:
    """The mail as the standard library sees it."""
    return BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(mail.raw)


def show(mail: Mail) -> JsonObject:
    """The mail as JSON."""
    message = read(mail)
    headers: JsonObject = {name.lower(): str(message[name]) if message[name] else None for name in SHOWN}
    return {
        "uid": mail.uid,
        "mailbox": mail.mailbox,
        "at": mail.at,
        "seen": SEEN in mail.flags,
        "sent": mail.is_sent,
        "headers": headers,
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
        "attachments": [
            {"n": n, "filename": part.get_filename(), "mime": part.get_content_type(), "size": len(_content(part))}
            for n, part in enumerate(message.iter_attachments())
        ],
    }


def attachment(mail: Mail, n: int) -> tuple[bytes, str, str]:
    """A file of the mail: its bytes, type and name."""
    files = list(read(mail).iter_attachments())
    if not 0 <= n < len(files):
        raise CustomerApiError(404, "the mail has no such file")
    return _content(files[n]), files[n].get_content_type(), files[n].get_filename() or "file"


def written(given: JsonObject, *, answered: Mail | None, number: int, at: float) -> EmailMessage:
    """The mail that a person writes: {from, name?, to?, cc?, subject?, text?, html?, quotes?, rewrites_references?,
    attachments?: [{filename, mime, content}], headers?}. An answer goes to whom the answered mail asks."""
    sender = _text(given, "from")
    mail = EmailMessage(policy=policy.SMTP)
    original = read(answered) if answered else None
    to, subject = _text(given, "to"), _text(given, "subject")
    text = _text(given, "text")
    if original is not None:
        own = answered is not None and answered.is_sent
        to = to or str(original["To"] if own else original["Reply-To"] or original["From"])
        about = str(original["Subject"] or "")
        subject = subject or (about if about.lower().startswith("re:") else f"Re: {about}")
        _name_thread(mail, original, rewrites=bool(given.get("rewrites_references")), number=number)
        if given.get("quotes"):
            quoted = "\n".join(f"> {line}" for line in str(_body(original, "plain")).splitlines())
            text = f"{text}\n\nOn {original['Date']}, {original['From']} wrote:\n{quoted}\n"
    if "@" not in sender or "@" not in to:
        raise CustomerApiError(422, "from and to must be addresses")
    try:
        mail["From"] = formataddr((_text(given, "name"), sender))
        mail["To"] = to
        if given.get("cc"):
            mail["Cc"] = _text(given, "cc")
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
        mail["Message-ID"] = f"<{number}.{int(at)}@{parseaddr(sender)[1].partition('@')[2]}>"
        headers = given.get("headers")
        for name, value in headers.items() if isinstance(headers, dict) else ():
            del mail[name]
            mail[name] = str(value)
    except ValueError as error:
        raise CustomerApiError(422, str(error)) from error
    mail.set_content(text)
    if given.get("html"):
        mail.add_alternative(_text(given, "html"), subtype="html")
    files = given.get("attachments")
    for file in files if isinstance(files, list) else ():
        _attach(mail, file)
    return mail


def _name_thread(mail: EmailMessage, original: EmailMessage, *, rewrites: bool, number: int) -> None:
    answered = str(original["Message-ID"] or "")
    if rewrites:  # as Apple Mail does now and then: other ids than those of the mails that are here
        mail["References"] = f"<rewritten.{number}@phone.example>"
        return
    if answered:
        mail["In-Reply-To"] = answered
        mail["References"] = f"{original['References'] or ''} {answered}".strip()


def _attach(mail: EmailMessage, file: Json) -> None:
    if not isinstance(file, dict):
        raise CustomerApiError(422, "attachments: each is an object")
    try:
        content = base64.b64decode(_text(file, "content"), validate=True)
    except (binascii.Error, ValueError):
        raise CustomerApiError(422, "attachments: content must be base64") from None
    main, _, sub = (_text(file, "mime") or "application/octet-stream").partition("/")
    mail.add_attachment(content, maintype=main, subtype=sub or "octet-stream", filename=_text(file, "filename") or None)


def _text(given: JsonObject, name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    if part is None:
        return None
    content: object = part.get_content()
    return content if isinstance(content, str) else None


def _content(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else part.as_bytes()
