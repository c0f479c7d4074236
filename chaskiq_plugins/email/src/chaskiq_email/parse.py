"""One mail to events: what somebody wrote, how far a mail of ours got, or why it says nothing to us. Never raises."""

from chaskiq_core.plugin import Chat, Ignored, InboundEvent, MessageReceived, Sender, StatusChanged, WebhookRequest
from chaskiq_email.manifest import EmailSettings
from chaskiq_email.names import attempt_of
from chaskiq_email.reading.attachments import TRUNCATED, attachments_of
from chaskiq_email.reading.automatic import LOOP_HEADER, is_automatic, is_no_reply
from chaskiq_email.reading.headers import (
    Address,
    Headers,
    addresses_of,
    date_of,
    message_id_of,
    message_ids,
    read_headers,
    words_of,
)
from chaskiq_email.reading.mime import Part, read_mail, with_newlines
from chaskiq_email.reading.report import Report, reports_of
from chaskiq_email.reading.text import Written, read_words, sort_parts
from chaskiq_email.route import message_key, root_of
from chaskiq_email.tokens import Token, read_token, tokens_in

MAX_REFERENCES = 30
UNREADABLE = "(this mail has no text that can be shown; the mail itself is kept)"
ENCRYPTED = "(this mail is encrypted)"
DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "to", "cc")
"""Where an address of ours can stand, the surest first."""


def parse_mail(request: WebhookRequest, settings: EmailSettings) -> list[InboundEvent]:
    """What happened."""
    mail = read_mail(request.body)
    headers = mail.headers
    message_id = message_id_of(headers)
    key = message_key(*_place(request.body))
    event_id = message_id or key.removeprefix("#")
    if reports := reports_of(mail):
        return [_status(event_id, one, mail, settings) for one in reports]
    sender = _sender(headers)
    token = _token(headers, sender, settings)
    chat = _chat(headers, sender, message_id or key, settings)
    if sender is None:
        return [Ignored(event_id=event_id, reason="it names no sender", at=date_of(headers), chat=chat)]
    person = Sender(id=sender.address, name=sender.name or sender.address, email=sender.address)
    if (reason := _own(headers, sender, settings)) is not None:
        return [Ignored(event_id=event_id, reason=reason, at=date_of(headers), sender=person, chat=chat)]
    found = sort_parts(mail)
    written = read_words(found.texts)
    named = message_ids(*headers.every("in-reply-to"))
    text = _text(written, mail, has_files=bool(found.files))
    return [
        MessageReceived(
            event_id=event_id,
            message_id=message_id or event_id,
            message_key=key,
            chat=chat,
            sender=person,
            at=date_of(headers),
            subject=headers.words("subject")[:500] or None,
            text=text,
            unsupported=text in (UNREADABLE, ENCRYPTED),
            content=written.content,
            quote=written.folded or None,
            attachments=attachments_of(found.files, is_cut=bool(headers.first(TRUNCATED.lower()))),
            reply_to=named[0] if named else None,
            reply_to_key=named[0] if named else None,
            references=_references(headers),
            alias=message_id or None,
            thread_token=token.conversation if token else None,
            command="unsubscribe" if token and headers.words("subject").lower() == "unsubscribe" else None,
            agent=token.agent if token else None,
            copied_to=tuple(one.address for one in addresses_of(*headers.every("cc"))),
            auto=is_automatic(headers) or mail.media_type == "multipart/report",
        )
    ]


def _place(body: bytes) -> tuple[Headers, bytes, int]:
    body = with_newlines(body)
    headers, content = read_headers(body, 0, len(body))
    return headers, body, content


def _sender(headers: Headers) -> Address | None:
    """Who wrote it: From; where nobody reads there, as with a form on a website, whom an answer goes to."""
    for name in ("from", "sender", "reply-to", "return-path"):
        if found := addresses_of(*headers.every(name)):
            answer = addresses_of(*headers.every("reply-to"))
            return answer[0] if answer and is_no_reply(found[0].address) else found[0]
    return None


def _chat(headers: Headers, sender: Address | None, message_id: str, settings: EmailSettings) -> Chat | None:
    """Whom an answer goes to, and the thread; the thread alone is its readable name, as several may write in it."""
    if sender is None:
        return None
    tokens = tokens_in(_recipients(headers), address=settings.from_address)
    root = root_of(headers) or message_id
    answer = next((one.address for one in addresses_of(*headers.every("reply-to"))), sender.address)
    if answer == settings.from_address.lower():
        answer = sender.address
    return Chat(
        channel_id=answer,
        thread_id=root,
        title=headers.words("subject")[:200],
        key=f"token:{tokens[0]}" if tokens else root,
    )


def _token(headers: Headers, sender: Address | None, settings: EmailSettings) -> Token | None:
    if sender is None or not settings.inbound_secret:
        return None
    return read_token(
        _recipients(headers), sender.address, address=settings.from_address, secret=settings.inbound_secret
    )


def _recipients(headers: Headers) -> list[str]:
    """Where it went, as written: tokens have capitals."""
    found: list[str] = []
    for name in DELIVERED_TO:
        for value in headers.every(name):
            found += [word.strip("<>,;\"'()") for word in value.replace(",", " ").split()[:200] if "@" in word]
    return found


def _own(headers: Headers, sender: Address, settings: EmailSettings) -> str | None:
    """Why a mail is our own that came back; None if it is another's."""
    ours = settings.from_address.lower()
    if any(words_of(value).lower() == ours for value in headers.every(LOOP_HEADER.lower())):
        return "a mail of our own came back"
    if sender.address == ours or tokens_in([sender.address], address=ours):
        return "it is from our own address"
    return None


def _references(headers: Headers) -> tuple[str, ...]:
    """The ids that it names, the likeliest first: what it answers, then its thread from the newest to the oldest."""
    answered = message_ids(*headers.every("in-reply-to"))
    thread = message_ids(*headers.every("references"))
    ids = list(dict.fromkeys([*answered, *reversed(thread)]))
    if len(ids) > MAX_REFERENCES:
        ids = [*ids[: MAX_REFERENCES - 1], ids[-1]]
    return tuple(ids)


def _text(written: Written, mail: Part, *, has_files: bool) -> str:
    if written.text.strip():
        return written.text
    if any(part.media_type in ("multipart/encrypted", "application/pgp-encrypted") for part in mail.walk()):
        return ENCRYPTED
    return "" if has_files else mail.headers.words("subject") or UNREADABLE


def _status(event_id: str, report: Report, mail: Part, settings: EmailSettings) -> StatusChanged:
    return StatusChanged(
        event_id=event_id,
        message_id=report.message_id,
        message_key=report.message_id,
        status=report.status,
        error_code=report.code or None,
        error_class=report.error_class,
        error_message=report.error_message,
        at=date_of(mail.headers),
        attempt_id=attempt_of(report.message_id, settings.from_address),
    )
