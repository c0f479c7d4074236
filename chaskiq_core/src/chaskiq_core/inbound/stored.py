"""What messages and their edits share: the content and the attachments as a part keeps them."""

from collections.abc import Sequence

from chaskiq_core.content import Document, document_from_text
from chaskiq_core.conversations.start import ChannelName
from chaskiq_core.model import (
    ConversationChannel,
    JsonObject,
)
from chaskiq_core.plugin.events import (
    Attachment,
)
from chaskiq_core.presenters.as_json import as_json

MAX_TEXT = 100_000


def document_of(text: str, content: Document | None) -> Document:
    """The content of a message; a text over the limit of a Document is cut, the bytes are in the ledger."""
    return content if content is not None and content.blocks else document_from_text(text[:MAX_TEXT])


def stored_attachments(attachments: Sequence[Attachment]) -> list[JsonObject]:
    return [
        {**as_json(one), "state": "failed" if one.unavailable else "pending" if one.provider_file_id else "ready"}
        for one in attachments
    ]


def is_channel(channel: ConversationChannel, name: ChannelName) -> bool:
    return (channel.integration_id, channel.channel_id, channel.thread_id) == (
        name.integration_id,
        name.channel_id,
        name.thread_id,
    )
