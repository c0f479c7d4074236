"""A piece as a mail: the headers that keep a thread together, its text twice, its files."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr

from chaskiq_core.plugin import Document, Mark, MarkKind, OutgoingMedia, Paragraph, Piece, Text, Thread
from chaskiq_email.manifest import EmailSettings
from chaskiq_email.markup import html_page_of, plain_of
from chaskiq_email.names import message_id_for
from chaskiq_email.reading.automatic import LOOP_HEADER
from chaskiq_email.reading.headers import words_of
from chaskiq_email.tokens import reply_address

MAX_REFERENCES = 20
MAX_REFERENCES_CHARACTERS = 900
MAX_SUBJECT = 200
LINE = 990
"""Below what a server takes; shorter, the standard library would encode ids that don't fit, and nobody finds them."""
_ANSWER = re.compile(r"^\s*(re|aw|sv|vs|antw|odp|ynt|res|rif|回复|答复)\s*(\[\d+\])?\s*[:：]", re.IGNORECASE)
_ID = re.compile(r"[^<>\s]{1,250}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file to attach."""

    filename: str
    media_type: str
    content: bytes


def compose(
    piece: Piece,
    settings: EmailSettings,
    *,
    files: Sequence[LoadedFile],
    links: Sequence[OutgoingMedia],
    now: datetime,
) -> EmailMessage:
    """The mail. `files` are attached, `links` are named in the text with their addresses."""
    thread = piece.thread or Thread(conversation="")
    mail = EmailMessage(policy=(SMTP if piece.channel_id.isascii() else SMTPUTF8).clone(max_line_length=LINE))
    mail["From"] = formataddr((_one_line(settings.from_name or thread.author), settings.from_address), "utf-8")
    mail["To"] = _one_line(piece.channel_id)
    mail["Subject"] = subject_of(thread, answers=bool(thread.references or piece.reply_to), settings=settings)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id_for(piece.key or piece.attempt_id, settings.from_address)}>"
    references = _references(thread.references, piece.reply_to)
    if references:
        mail["In-Reply-To"] = f"<{references[-1]}>"
        mail["References"] = " ".join(f"<{one}>" for one in references)
    if (answer := _reply_to(thread, settings)) is not None:
        mail["Reply-To"] = formataddr((_one_line(settings.from_name or thread.author), answer), "utf-8")
    if thread.offers_unsubscribe:
        mail["List-Unsubscribe"] = f"<mailto:{answer or settings.from_address}?subject=unsubscribe>"
    mail[LOOP_HEADER] = settings.from_address
    if thread.by_bot:
        mail["Auto-Submitted"] = "auto-replied" if references else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    _add_body(mail, _with_links(piece.content, links))
    for file in files:
        main, _, sub = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=_one_line(file.filename) or "file")
    return mail


def subject_of(thread: Thread, *, answers: bool, settings: EmailSettings) -> str:
    """What the conversation is about, as an answer where it is one."""
    about = _one_line(thread.subject or "")[:MAX_SUBJECT]
    if not about:
        return f"A message from {_one_line(settings.from_name) or settings.from_address}"
    return about if _ANSWER.match(about) or not answers else f"Re: {about}"


def _references(earlier: Iterable[str], answered: str | None) -> list[str]:
    """The ids of the thread, the answered one last; the oldest of a long one is kept, as it is the thread's root."""
    ids = [one for one in dict.fromkeys(earlier) if _ID.fullmatch(one) and one != answered and "@" in one]
    if answered is not None and _ID.fullmatch(answered) and "@" in answered:
        ids.append(answered)
    ids = [*ids[:1], *ids[1:][-(MAX_REFERENCES - 1) :]]
    while len(ids) > 2 and sum(len(one) + 3 for one in ids) > MAX_REFERENCES_CHARACTERS:
        del ids[1]
    return [one for one in ids if one.isascii()]


def _reply_to(thread: Thread, settings: EmailSettings) -> str | None:
    if not settings.plus_addressing or not settings.inbound_secret:
        return None
    return reply_address(
        settings.from_address, thread.conversation, secret=settings.inbound_secret, agent=thread.to_agent
    )


def _with_links(content: Document, links: Sequence[OutgoingMedia]) -> Document:
    """The text, and below it the files that are too large to go along."""
    lines = [
        Paragraph(inlines=(Text(text=file.filename, marks=frozenset({Mark(kind=MarkKind.LINK, value=file.url)})),))
        for file in links
        if file.url
    ]
    return Document(blocks=(*content.blocks, *lines))


def _add_body(mail: EmailMessage, content: Document) -> None:
    mail.set_content(f"{plain_of(content)}\n", charset="utf-8", cte="quoted-printable")
    mail.add_alternative(html_page_of(content), subtype="html", charset="utf-8", cte="quoted-printable")


def _one_line(text: str) -> str:
    return words_of(text)
