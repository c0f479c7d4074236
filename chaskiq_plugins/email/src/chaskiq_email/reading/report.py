"""Reports on mails of ours: delivered, delayed, bounced (RFC 3464), read (RFC 8098), and bounces of older servers."""

import re
from dataclasses import dataclass

from chaskiq_core.plugin import SendStatus
from chaskiq_email.reading.automatic import is_from_nobody
from chaskiq_email.reading.charsets import decoded
from chaskiq_email.reading.headers import Headers, addresses_of, message_id_of, message_ids, read_headers, words_of
from chaskiq_email.reading.mime import Part

MAX_REPORT_BYTES = 200_000
MAX_RECIPIENTS = 20
ACTIONS = {
    "failed": SendStatus.FAILED,
    "delayed": SendStatus.DELAYED,
    "delivered": SendStatus.DELIVERED,
    "relayed": SendStatus.SENT,
    "expanded": SendStatus.SENT,
}
ERROR_CLASSES = (
    ("4.", "transient"),
    ("5.1.8", "account"),
    ("5.1.7", "account"),
    ("5.1.", "recipient"),
    ("5.2.3", "content"),
    ("5.2.", "recipient"),
    ("5.3.4", "content"),
    ("5.6.", "content"),
    ("5.7.", "account"),
    ("5.4.", "recipient"),
    ("5.", "recipient"),
)
"""By how the status code begins; the first that fits counts."""
_CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_SMTP_CODE = re.compile(r"\b([45]\d\d)\b")
_QUOTED_ID = re.compile(r"^[>\s]*Message-ID:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_BOUNCED = re.compile(
    r"undeliver|delivery (status|failure|has failed|notification)|returned (mail|to sender)|failure notice"
    r"|mail delivery (failed|subsystem)|could not be delivered|unzustellbar|nicht zugestellt|non remis"
    r"|no se pudo entregar",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How far one mail got on its way to one recipient."""

    message_id: str
    status: SendStatus
    recipient: str = ""
    code: str = ""
    error_class: str | None = None
    error_message: str | None = None


def reports_of(mail: Part) -> list[Report]:
    """What a mail reports of mails of ours; none if it is no report, or does not say of which mail."""
    kind = mail.parameters.get("report-type", "").lower() if mail.media_type == "multipart/report" else ""
    parts = mail.walk()
    status = _first(parts, "message/delivery-status", "message/global-delivery-status")
    receipt = _first(parts, "message/disposition-notification", "message/global-disposition-notification")
    if kind == "delivery-status" or (status is not None and mail.media_type.startswith("multipart/")):
        return _delivery_reports(mail, parts, status)
    if kind == "disposition-notification" or (receipt is not None and mail.media_type == "multipart/report"):
        return _receipts(mail, receipt)
    if is_from_nobody(mail.headers) and _BOUNCED.search(mail.headers.words("subject")):
        return _old_bounce(mail, parts)
    return []


def class_of(code: str) -> str:
    """What a status code says of the failure."""
    return next((name for begin, name in ERROR_CLASSES if code.startswith(begin)), "recipient")


def _first(parts: list[Part], *media_types: str) -> Part | None:
    return next((part for part in parts if part.media_type in media_types), None)


def _delivery_reports(mail: Part, parts: list[Part], status: Part | None) -> list[Report]:
    answered = message_ids(*mail.headers.every("in-reply-to"))
    message_id = _original_id(parts) or _quoted_id(parts) or next(iter(answered), "")
    if not message_id:
        return []
    groups = _groups(status) if status is not None else []
    found: list[Report] = []
    for group in groups:
        action = ACTIONS.get(group.first("action").strip().lower())
        if action is None or len(found) >= MAX_RECIPIENTS:
            continue
        failed = action is SendStatus.FAILED
        diagnostic = words_of(group.first("diagnostic-code").partition(";")[2] or group.first("diagnostic-code"))
        code = _code(group.first("status")) or _code(diagnostic)
        found.append(
            Report(
                message_id=message_id,
                status=action,
                recipient=_recipient(group),
                code=code,
                error_class=class_of(code) if failed else None,
                error_message=(diagnostic or "the mail came back")[:500] if action is not SendStatus.SENT else None,
            )
        )
    if not found:  # a report that can't be read is a failure: servers report little else
        return [Report(message_id=message_id, status=SendStatus.FAILED, error_class="recipient")]
    return found


def _receipts(mail: Part, receipt: Part | None) -> list[Report]:
    groups = _groups(receipt) if receipt is not None else []
    said = " ".join(group.first("disposition").partition(";")[2].lower() for group in groups)
    named = [group.first("original-message-id") for group in groups]
    ids = message_ids(*named) or message_ids(*mail.headers.every("in-reply-to"))
    if not ids or "displayed" not in said:
        return []
    return [Report(message_id=ids[0], status=SendStatus.READ)]


def _old_bounce(mail: Part, parts: list[Part]) -> list[Report]:
    """A bounce in words: the mail that it quotes, and the first code that it names."""
    message_id = _original_id(parts) or _quoted_id(parts)
    if not message_id:
        return []
    text = _text(parts)
    code = _code(text) or next(iter(_SMTP_CODE.findall(text)), "")
    line = next((line.strip() for line in text.split("\n") if code and code in line), "the mail came back")
    return [
        Report(
            message_id=message_id,
            status=SendStatus.DELAYED if code.startswith("4") else SendStatus.FAILED,
            code=code,
            error_class=None if code.startswith("4") else class_of(code),
            error_message=words_of(line)[:500],
        )
    ]


def _original_id(parts: list[Part]) -> str:
    """The id of the mail that came back, from its headers or its whole."""
    for part in parts:
        if part.media_type in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            content = part.content(MAX_REPORT_BYTES)
            headers, _ = read_headers(content, 0, len(content))
            if found := message_id_of(headers):
                return found
    return ""


def _quoted_id(parts: list[Part]) -> str:
    found = _QUOTED_ID.search(_text(parts))
    return next(iter(message_ids(found.group(1))), "") if found else ""


def _text(parts: list[Part]) -> str:
    readable = (part for part in parts if part.media_type.startswith("text/"))
    return "\n".join(
        decoded(part.content(MAX_REPORT_BYTES), part.parameters.get("charset", "")) for part in list(readable)[:5]
    ).replace("\r\n", "\n")


def _groups(part: Part) -> list[Headers]:
    """The groups of fields in a report: of the mail first, then of each recipient."""
    content = part.content(MAX_REPORT_BYTES)
    found: list[Headers] = []
    at = 0
    while at < len(content) and len(found) <= 2 * MAX_RECIPIENTS:
        headers, after = read_headers(content, at, len(content))
        if headers.all:
            found.append(headers)
        at = max(after, at + 1)
    return found


def _recipient(group: Headers) -> str:
    for name in ("original-recipient", "final-recipient"):
        if found := addresses_of(group.first(name).rpartition(";")[2]):
            return found[0].address
    return ""


def _code(text: str) -> str:
    found = _CODE.search(text[:MAX_REPORT_BYTES])
    return found.group(1) if found else ""
