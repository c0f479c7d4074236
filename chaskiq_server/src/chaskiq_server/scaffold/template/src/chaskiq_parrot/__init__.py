"""Parrot as a channel of Chaskiq: each hook is one line into the file of its name."""

from collections.abc import Sequence

from chaskiq_core.plugin import (
    ChannelContext,
    InboundEvent,
    Installed,
    Piece,
    Receipt,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_parrot.install import install_webhook
from chaskiq_parrot.manifest import MANIFEST, ParrotSettings
from chaskiq_parrot.parse import parse_element
from chaskiq_parrot.route import route_elements
from chaskiq_parrot.send import send_piece
from chaskiq_parrot.verify import verify_signature


class Parrot:
    """The channel `parrot`."""

    manifest = MANIFEST

    @hookimpl
    def verify(self, request: WebhookRequest, settings: ParrotSettings) -> Verdict:
        """Whether Parrot sent it."""
        return verify_signature(request, settings.signing_secret)

    @hookimpl
    def route(self, request: WebhookRequest, settings: ParrotSettings) -> Sequence[WebhookItem]:
        """Each element's key and chat."""
        return route_elements(request)

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: ParrotSettings) -> Sequence[InboundEvent]:
        """What happened."""
        return parse_element(request, item)

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[ParrotSettings]) -> Receipt:
        """One message, sent."""
        return await send_piece(piece, context)

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[ParrotSettings]) -> Installed:
        """The webhook, registered."""
        return await install_webhook(hook_url, context)


channel = Parrot()

__all__ = ["Parrot", "ParrotSettings", "channel"]
