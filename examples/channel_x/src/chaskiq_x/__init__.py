"""X direct messages as a channel of Chaskiq: each hook is one line into the file of its name."""

from collections.abc import Sequence

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    HealthCheck,
    InboundEvent,
    MediaSink,
    Piece,
    Receipt,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_x.fetch import fetch_file
from chaskiq_x.health import check_health
from chaskiq_x.manifest import MANIFEST, XSettings
from chaskiq_x.parse import parse_element
from chaskiq_x.route import route_elements
from chaskiq_x.send import send_piece
from chaskiq_x.verify import verify_request


class X:
    """The channel `x`."""

    manifest = MANIFEST

    @hookimpl
    def verify(self, request: WebhookRequest, settings: XSettings) -> Verdict:
        """Whether X sent it; X's question after our secret is answered."""
        return verify_request(request, settings.consumer_secret)

    @hookimpl
    def route(self, request: WebhookRequest, settings: XSettings) -> Sequence[WebhookItem]:
        """Each event's key and the person it is about."""
        return route_elements(request)

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: XSettings) -> Sequence[InboundEvent]:
        """What happened."""
        return parse_element(request, item, settings)

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[XSettings]) -> Receipt:
        """One message, sent."""
        return await send_piece(piece, context)

    @hookimpl
    async def fetch_media(self, attachment: Attachment, target: MediaSink, context: ChannelContext[XSettings]) -> None:
        """A file's bytes."""
        await fetch_file(attachment, target, context)

    @hookimpl
    async def health(self, context: ChannelContext[XSettings], hook_url: str) -> Sequence[HealthCheck]:
        """Whether the credentials are whose they should be."""
        return await check_health(context)


channel = X()

__all__ = ["X", "XSettings", "channel"]
