"""The web messenger as a channel of Chaskiq: each hook is one line into the file of its name."""

from collections.abc import Sequence

from chaskiq_core.plugin import (
    ChannelContext,
    InboundEvent,
    Installed,
    Piece,
    Receipt,
    SentMessage,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_web.manifest import MANIFEST, WebSettings
from chaskiq_web.send import send_piece
from chaskiq_web.verify import refuse_webhook


class Web:
    """The channel `web`: its provider is this house, so that nothing comes by webhook and nothing leaves by network."""

    manifest = MANIFEST

    @hookimpl
    def verify(self, request: WebhookRequest, settings: WebSettings) -> Verdict:
        """No webhook is ours."""
        return refuse_webhook()

    @hookimpl
    def route(self, request: WebhookRequest, settings: WebSettings) -> Sequence[WebhookItem]:
        """Nothing: no webhook is accepted."""
        return []

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: WebSettings) -> Sequence[InboundEvent]:
        """Nothing, as above."""
        return []

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[WebSettings]) -> Receipt:
        """It is in the contact's stream already."""
        return send_piece(piece)

    @hookimpl
    async def edit(self, piece: Piece, sent: SentMessage, context: ChannelContext[WebSettings]) -> None:
        """The stream has told it."""

    @hookimpl
    async def delete(self, sent: SentMessage, context: ChannelContext[WebSettings]) -> None:
        """The stream has told it."""

    @hookimpl
    async def typing(self, channel_id: str, thread_id: str, context: ChannelContext[WebSettings]) -> None:
        """The stream has told it."""

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[WebSettings]) -> Installed:
        """There is nobody to tell."""
        return Installed(account=context.settings.account(), name="Web messenger")


channel = Web()

__all__ = ["Web", "WebSettings", "channel"]
