"""Channels whose provider can say what became of a send: by a key it dedupes, by a look-up, by a callback."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chaskiq_core.plugin import (
    ChannelContext,
    Idempotency,
    InboundEvent,
    MessageReceived,
    Piece,
    Receipt,
    SendError,
    SendStatus,
    StatusChanged,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from tests.harness.tiny_channel import TinyChannel, TinySettings, messages_of


class TellingChannel(TinyChannel):
    """`tiny`, whose provider keeps what it took by its key; its webhooks may hold a `status` of message `of`, or an
    `echo` of a key."""

    def __init__(self, idempotency: Idempotency = Idempotency.NONE) -> None:
        super().__init__()
        self.manifest = replace(self.manifest, idempotency=idempotency)
        self.absorbed = 0
        """Sends that came again under a key that was taken."""
        self.meanwhile: Callable[[Piece], Awaitable[object]] | None = None
        """What happens after the provider took the next message, before it answers; once."""

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: TinySettings) -> Sequence[InboundEvent]:
        message = messages_of(request)[int(item.path.rsplit("/", 1)[1])]
        chat = str(message["chat"])
        if "status" in message:
            return [
                StatusChanged(
                    event_id=item.dedupe_key,
                    message_id=str(message.get("of", "")),
                    message_key=f"{chat}:{message['of']}" if "of" in message else "",
                    status=SendStatus(str(message["status"])),
                    attempt_id=str(message["key"]) if "key" in message else None,
                )
            ]
        [event] = super().parse(request, item, settings)
        if "echo" in message and isinstance(event, MessageReceived):
            return [replace(event, direction="out", attempt_id=str(message["echo"]))]
        return [event]

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        if self.manifest.idempotency is Idempotency.KEY:
            taken = [one.key for one in self.outbox.sent]
            if piece.key in taken:
                self.absorbed += 1
                return self.receipt_of(piece, 1001 + taken.index(piece.key))
        receipt = await super().send(piece, context)
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            await happens(piece)
        return receipt

    def receipt_of(self, piece: Piece, number: int) -> Receipt:
        """The receipt of the message of that number."""
        return Receipt(external_ids=(str(number),), message_keys=(f"{piece.channel_id}:{number}",))


class LookupChannel(TellingChannel):
    """The same, whose provider can be asked."""

    def __init__(self) -> None:
        super().__init__(Idempotency.LOOKUP)
        self.manifest = replace(self.manifest, offers=self.manifest.offers | {"look_up"})
        self.asked: list[str] = []
        self.answers: list[SendError] = []
        """What the next look-ups raise."""

    @hookimpl
    async def look_up(self, piece: Piece, since: datetime, context: ChannelContext[TinySettings]) -> Receipt | None:
        self.asked.append(piece.key)
        if self.answers:
            raise self.answers.pop(0)
        for n, sent in enumerate(self.outbox.sent):
            if sent.key == piece.key:
                return self.receipt_of(piece, 1001 + n)
        return None
