"""A mail's dedupe key and lane, from its headers: its own id with what it says, and the thread that it names."""

from hashlib import sha256

from chaskiq_core.plugin import UnreadableError, WebhookItem, WebhookRequest
from chaskiq_email.reading.headers import Headers, message_id_of, message_ids, read_headers
from chaskiq_email.reading.mime import with_newlines

WHAT_IT_SAYS = ("from", "subject", "date", "content-type")
"""Headers that no server on the way changes; `Received` and its like differ each time a mail comes."""


def route_mail(request: WebhookRequest) -> list[WebhookItem]:
    """The one element of a body; UnreadableError if there is nothing in it."""
    if not request.body.strip():
        raise UnreadableError("the body is empty: post the mail as it is, from its headers on")
    body = with_newlines(request.body)
    headers, content = read_headers(body, 0, len(body))
    return [WebhookItem(dedupe_key=message_key(headers, body, content), lane=root_of(headers))]


def message_key(headers: Headers, body: bytes, content: int) -> str:
    """The mail's name: its id, and a hash of what it says, as some mailers give every mail the same id."""
    digest = sha256()
    for name in WHAT_IT_SAYS:
        digest.update(headers.first(name).encode("utf-8", "replace") + b"\n")
    digest.update(memoryview(body)[content:])
    return f"{message_id_of(headers)}#{digest.hexdigest()[:24]}"


def root_of(headers: Headers) -> str:
    """The id of the mail that began its thread, as far as it says; '' if it names none, not even itself."""
    named = message_ids(*headers.every("references")) or message_ids(*headers.every("in-reply-to"))
    return named[0] if named else message_id_of(headers)
