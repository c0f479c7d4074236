"""E-mail as a channel of Chaskiq: each hook is one line into the file of its name."""

from collections.abc import Sequence

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    HealthCheck,
    InboundEvent,
    Installed,
    MediaSink,
    Piece,
    Polled,
    Receipt,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_email.fetch import fetch_file
from chaskiq_email.health import check_health
from chaskiq_email.install import check_account
from chaskiq_email.manifest import MANIFEST, EmailSettings
from chaskiq_email.parse import parse_mail
from chaskiq_email.poll import poll_mailbox
from chaskiq_email.route import route_mail
from chaskiq_email.send import send_piece
from chaskiq_email.verify import verify_secret


class Email:
    """The channel `email`: mails in by a POST of their bytes, answers out by SMTP."""

    manifest = MANIFEST

    @hookimpl
    def verify(self, request: WebhookRequest, settings: EmailSettings) -> Verdict:
        """Whether our own mail server sent it."""
        return verify_secret(request, settings.inbound_secret)

    @hookimpl
    def route(self, request: WebhookRequest, settings: EmailSettings) -> Sequence[WebhookItem]:
        """The mail's key and thread."""
        return route_mail(request)

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: EmailSettings) -> Sequence[InboundEvent]:
        """What happened."""
        return parse_mail(request, settings)

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[EmailSettings]) -> Receipt:
        """One mail, sent."""
        return await send_piece(piece, context)

    @hookimpl
    async def fetch_media(
        self,
        attachment: Attachment,
        target: MediaSink,
        request: WebhookRequest | None,
        context: ChannelContext[EmailSettings],
    ) -> None:
        """A file's bytes."""
        await fetch_file(attachment, target, request)

    @hookimpl
    async def poll(self, cursor: str, context: ChannelContext[EmailSettings]) -> Polled | None:
        """What is new in the mailbox."""
        return await poll_mailbox(cursor, context)

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[EmailSettings]) -> Installed:
        """The account, tried."""
        return await check_account(context)

    @hookimpl
    async def health(self, context: ChannelContext[EmailSettings], hook_url: str) -> Sequence[HealthCheck]:
        """Whether it works."""
        return await check_health(context, hook_url)


channel = Email()

__all__ = ["Email", "EmailSettings", "channel"]
