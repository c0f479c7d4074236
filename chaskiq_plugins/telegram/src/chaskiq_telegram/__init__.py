"""Telegram as a channel of Chaskiq: each hook is one line into the file of its name."""

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
    SentMessage,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_telegram.change import delete_message, edit_message
from chaskiq_telegram.fetch import fetch_file
from chaskiq_telegram.health import check_health
from chaskiq_telegram.install import install_webhook, uninstall_webhook
from chaskiq_telegram.manifest import MANIFEST, TelegramSettings
from chaskiq_telegram.parse import parse_update
from chaskiq_telegram.route import route_update
from chaskiq_telegram.send import send_piece
from chaskiq_telegram.signals import acknowledge_press, show_typing
from chaskiq_telegram.verify import verify_secret


class Telegram:
    """The channel `telegram`, for bots and for business accounts that a bot is connected to."""

    manifest = MANIFEST

    @hookimpl
    def verify(self, request: WebhookRequest, settings: TelegramSettings) -> Verdict:
        """Whether Telegram sent it."""
        return verify_secret(request, settings.secret_token)

    @hookimpl
    def route(self, request: WebhookRequest, settings: TelegramSettings) -> Sequence[WebhookItem]:
        """The update's key and chat."""
        return route_update(request)

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: TelegramSettings) -> Sequence[InboundEvent]:
        """What happened."""
        return parse_update(request, settings)

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TelegramSettings]) -> Receipt:
        """One message, sent."""
        return await send_piece(piece, context)

    @hookimpl
    async def edit(self, piece: Piece, sent: SentMessage, context: ChannelContext[TelegramSettings]) -> None:
        """A message with another text."""
        await edit_message(piece, sent, context)

    @hookimpl
    async def delete(self, sent: SentMessage, context: ChannelContext[TelegramSettings]) -> None:
        """A message, taken back."""
        await delete_message(sent, context)

    @hookimpl
    async def typing(self, channel_id: str, thread_id: str, context: ChannelContext[TelegramSettings]) -> None:
        """Somebody writes."""
        await show_typing(channel_id, thread_id, context)

    @hookimpl
    async def acknowledge(self, callback_id: str, context: ChannelContext[TelegramSettings]) -> None:
        """A press was heard."""
        await acknowledge_press(callback_id, context)

    @hookimpl
    async def fetch_media(
        self, attachment: Attachment, target: MediaSink, context: ChannelContext[TelegramSettings]
    ) -> None:
        """A file's bytes."""
        await fetch_file(attachment, target, context)

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[TelegramSettings]) -> Installed:
        """The webhook, registered."""
        return await install_webhook(hook_url, context)

    @hookimpl
    async def uninstall(self, context: ChannelContext[TelegramSettings]) -> None:
        """The webhook, gone."""
        await uninstall_webhook(context)

    @hookimpl
    async def health(self, context: ChannelContext[TelegramSettings], hook_url: str) -> Sequence[HealthCheck]:
        """Whether it works."""
        return await check_health(context, hook_url)


channel = Telegram()

__all__ = ["Telegram", "TelegramSettings", "channel"]
