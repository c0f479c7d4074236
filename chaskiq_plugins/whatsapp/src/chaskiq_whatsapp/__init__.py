"""WhatsApp as a channel of Chaskiq: each hook is one line into the file of its name."""

from collections.abc import Sequence

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    HealthCheck,
    InboundEvent,
    Installed,
    MediaSink,
    Piece,
    Receipt,
    Template,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_whatsapp.fetch import fetch_file
from chaskiq_whatsapp.health import check_health
from chaskiq_whatsapp.install import install_webhook, uninstall_webhook
from chaskiq_whatsapp.manifest import MANIFEST, WhatsAppSettings
from chaskiq_whatsapp.parse import parse_item
from chaskiq_whatsapp.route import route_body
from chaskiq_whatsapp.send import send_piece
from chaskiq_whatsapp.signals import mark_read, show_typing
from chaskiq_whatsapp.templates import list_templates
from chaskiq_whatsapp.verify import verify_request


class WhatsApp:
    """The channel `whatsapp`, for a business phone number on Meta's Cloud API."""

    manifest = MANIFEST

    @hookimpl
    def verify(self, request: WebhookRequest, settings: WhatsAppSettings) -> Verdict:
        """Whether Meta sent it."""
        return verify_request(request, app_secret=settings.app_secret, verify_token=settings.verify_token)

    @hookimpl
    def route(self, request: WebhookRequest, settings: WhatsAppSettings) -> Sequence[WebhookItem]:
        """Each element's key and chat."""
        return route_body(request, settings)

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: WhatsAppSettings) -> Sequence[InboundEvent]:
        """What happened."""
        return parse_item(request, item, settings)

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[WhatsAppSettings]) -> Receipt:
        """One message, sent."""
        return await send_piece(piece, context)

    @hookimpl
    async def typing(
        self, channel_id: str, thread_id: str, message_id: str, context: ChannelContext[WhatsAppSettings]
    ) -> None:
        """Somebody writes."""
        await show_typing(thread_id, message_id, context)

    @hookimpl
    async def mark_read(
        self, channel_id: str, thread_id: str, message_id: str, context: ChannelContext[WhatsAppSettings]
    ) -> None:
        """Their messages were read."""
        await mark_read(thread_id, message_id, context)

    @hookimpl
    async def fetch_media(
        self, attachment: Attachment, target: MediaSink, context: ChannelContext[WhatsAppSettings]
    ) -> None:
        """A file's bytes."""
        await fetch_file(attachment, target, context)

    @hookimpl
    async def list_templates(self, context: ChannelContext[WhatsAppSettings]) -> Sequence[Template]:
        """The account's templates."""
        return await list_templates(context)

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[WhatsAppSettings]) -> Installed:
        """The webhook, registered."""
        return await install_webhook(hook_url, context)

    @hookimpl
    async def uninstall(self, context: ChannelContext[WhatsAppSettings]) -> None:
        """The webhook, gone."""
        await uninstall_webhook(context)

    @hookimpl
    async def health(self, context: ChannelContext[WhatsAppSettings], hook_url: str) -> Sequence[HealthCheck]:
        """Whether it works."""
        return await check_health(context, hook_url)


channel = WhatsApp()

__all__ = ["WhatsApp", "WhatsAppSettings", "channel"]
