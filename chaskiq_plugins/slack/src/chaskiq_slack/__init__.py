"""Slack as a channel of Chaskiq: each hook is one line into the file of its name."""

from collections.abc import Sequence
from datetime import datetime

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    HealthCheck,
    InboundEvent,
    Installed,
    MediaSink,
    MirrorView,
    Piece,
    Receipt,
    Sender,
    SentMessage,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_slack.body import read_body
from chaskiq_slack.change import delete_message, edit_message
from chaskiq_slack.fetch import fetch_file
from chaskiq_slack.health import check_health
from chaskiq_slack.install import install_app
from chaskiq_slack.look_up import find_piece
from chaskiq_slack.manifest import MANIFEST, SlackSettings
from chaskiq_slack.mirror import open_thread, read_profile, show_head
from chaskiq_slack.parse import parse_body
from chaskiq_slack.route import route_body
from chaskiq_slack.send import send_piece
from chaskiq_slack.verify import verify_signature


class Slack:
    """The channel `slack`: people write to the app directly, in channels and in threads."""

    manifest = MANIFEST

    @hookimpl
    def verify(self, request: WebhookRequest, settings: SlackSettings) -> Verdict:
        """Whether Slack sent it."""
        return verify_signature(request, settings.signing_secret)

    @hookimpl
    def route(self, request: WebhookRequest, settings: SlackSettings) -> Sequence[WebhookItem]:
        """The body's key and channel."""
        return route_body(request)

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: SlackSettings) -> Sequence[InboundEvent]:
        """What happened."""
        return parse_body(request, settings)

    @hookimpl
    def accounts_of(self, request: WebhookRequest) -> Sequence[str]:
        """The workspaces that a body may belong to."""
        return read_body(request).team_ids

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[SlackSettings]) -> Receipt:
        """One message, sent."""
        return await send_piece(piece, context)

    @hookimpl
    async def look_up(self, piece: Piece, since: datetime, context: ChannelContext[SlackSettings]) -> Receipt | None:
        """Whether a message is there."""
        return await find_piece(piece, since, context)

    @hookimpl
    async def edit(self, piece: Piece, sent: SentMessage, context: ChannelContext[SlackSettings]) -> None:
        """A message with another text."""
        await edit_message(piece, sent, context)

    @hookimpl
    async def delete(self, sent: SentMessage, context: ChannelContext[SlackSettings]) -> None:
        """A message, taken back."""
        await delete_message(sent, context)

    @hookimpl
    async def fetch_media(
        self, attachment: Attachment, target: MediaSink, context: ChannelContext[SlackSettings]
    ) -> None:
        """A file's bytes."""
        await fetch_file(attachment, target, context)

    @hookimpl
    async def fetch_profile(self, person_id: str, context: ChannelContext[SlackSettings]) -> Sender:
        """Who somebody is."""
        return await read_profile(person_id, context)

    @hookimpl
    async def open_mirror(
        self, mirror: MirrorView, channel_id: str, again: bool, context: ChannelContext[SlackSettings]
    ) -> str:
        """A thread in which agents follow a conversation."""
        return await open_thread(mirror, channel_id, context, again=again)

    @hookimpl
    async def show_mirror(
        self, mirror: MirrorView, channel_id: str, thread_id: str, context: ChannelContext[SlackSettings]
    ) -> None:
        """The thread's head, as the conversation stands."""
        await show_head(mirror, channel_id, thread_id, context)

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[SlackSettings]) -> Installed:
        """The workspace that it is installed in."""
        return await install_app(context)

    @hookimpl
    async def health(self, context: ChannelContext[SlackSettings], hook_url: str) -> Sequence[HealthCheck]:
        """Whether it works."""
        return await check_health(context, hook_url)


channel = Slack()

__all__ = ["Slack", "SlackSettings", "channel"]
