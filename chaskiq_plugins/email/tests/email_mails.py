"""Mails to read: built by the standard library, or written by hand where it would refuse."""

from email.message import EmailMessage

from chaskiq_core.plugin import InboundEvent, MessageReceived, StatusChanged, WebhookRequest
from chaskiq_email import EmailSettings, channel

US = "help@shop.example"
SECRET = "a-secret-of-the-tests-with-32-or-more"
SETTINGS = EmailSettings(from_address=US, smtp_host="localhost", smtp_tls="none", inbound_secret=SECRET)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


def a_mail(
    text: str | None = "hello",
    *,
    sender: str = "Ruth Okoye <ruth@home.example>",
    to: str = US,
    subject: str = "The kiln",
    message_id: str | None = "<m1@home.example>",
    html: str | None = None,
    **headers: str,
) -> EmailMessage:
    """A mail as a good mailer makes it; `in_reply_to="<x@y>"` is the header In-Reply-To."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = "Tue, 14 Jul 2026 09:00:12 +0200"
    if message_id is not None:
        mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if text is not None:
        mail.set_content(text)
        if html is not None:
            mail.add_alternative(html, subtype="html")
    elif html is not None:
        mail.set_content(html, subtype="html")
    return mail


def events(mail: EmailMessage | bytes, settings: EmailSettings = SETTINGS) -> list[InboundEvent]:
    """What the plugin makes of a mail."""
    request = WebhookRequest(body=mail if isinstance(mail, bytes) else mail.as_bytes())
    [item] = channel.route(request, settings)
    return list(channel.parse(request, item, settings))


def message(mail: EmailMessage | bytes, settings: EmailSettings = SETTINGS) -> MessageReceived:
    """The one message that it is."""
    [event] = events(mail, settings)
    assert isinstance(event, MessageReceived)
    return event


def status(mail: EmailMessage | bytes) -> StatusChanged:
    """The one report that it is."""
    [event] = events(mail)
    assert isinstance(event, StatusChanged)
    return event


def raw(headers: str, body: str | bytes = "text") -> bytes:
    """A mail by hand."""
    content = body if isinstance(body, bytes) else body.encode()
    return headers.strip("\n").encode("utf-8", "surrogateescape") + b"\n\n" + content
