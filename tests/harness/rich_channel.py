"""A channel that offers all that a channel can: files both ways, edits, presses; it notes what it was asked."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from chaskiq_core.plugin import (
    AlbumCapability,
    Attachment,
    ButtonPressed,
    Capabilities,
    ChannelContext,
    Chat,
    InboundEvent,
    Level,
    MediaCapability,
    MediaSink,
    MessageEdited,
    MessageReceived,
    OptionsCapability,
    Piece,
    Receipt,
    Sender,
    SentMessage,
    TextCapability,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from tests.harness.tiny_channel import MAX_TEXT, TinyChannel, TinySettings, messages_of

MAX_CAPTION = 30
MAX_FILE_BYTES = 1_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
CAPABILITIES = Capabilities(
    text=TextCapability(max_length=MAX_TEXT),
    caption=TextCapability(max_length=MAX_CAPTION),
    media={"image": MediaCapability(max_bytes=MAX_FILE_BYTES), "file": MediaCapability(max_bytes=MAX_FILE_BYTES)},
    album=AlbumCapability(max_items=3, together=(frozenset({"image"}), frozenset({"file"}))),
    options=OptionsCapability(max_options=3, max_label=10),
    reply=Level.FULL,
    edit=Level.FULL,
    delete=Level.FULL,
    typing=Level.FULL,
)


@dataclass(slots=True)
class Asked:
    """What the channel was asked beside sending, in order."""

    edits: list[tuple[str, str]] = field(default_factory=list)
    """The message's id, and its new text."""
    deletes: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    faults: deque[BaseException] = field(default_factory=deque)
    """What the next edits and deletes raise."""
    files: dict[str, list[bytes | BaseException]] = field(default_factory=dict)
    """By file id, what each fetch gives; the last one again and again."""
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """What happens while the next edit or fetch is on its way, once."""
    uploaded: list[bytes] = field(default_factory=list)
    """The bytes of each file of ours that was sent."""


class RichChannel(TinyChannel):
    """`tiny`, whose messages may have `file`, be an `edit`, or a `press` of a button under the message `of`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = Asked()
        self.manifest = replace(
            self.manifest,
            capabilities=CAPABILITIES,
            offers=frozenset({"install", "edit", "delete", "typing", "acknowledge", "fetch_media"}),
        )

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: TinySettings) -> Sequence[InboundEvent]:
        message = messages_of(request)[int(item.path.rsplit("/", 1)[1])]
        [event] = super().parse(request, item, settings)
        assert isinstance(event, MessageReceived)
        if "press" in message:
            return [_press(message, event)]
        attachments = (
            (Attachment(type="image", provider_file_id=str(message["file"]), filename="photo.png", mime="image/png"),)
            if "file" in message
            else ()
        )
        if message.get("edit"):
            key = f"{message['chat']}:{message['edit']}"
            return [
                MessageEdited(
                    event_id=event.event_id,
                    chat=event.chat,
                    message_id=str(message["edit"]),
                    message_key=key,
                    text=event.text,
                    attachments=attachments,
                )
            ]
        return [replace(event, attachments=attachments)]

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        for file in piece.media:
            if file.media_id is not None:
                async with context.media.open(file.media_id) as opened:
                    self.asked.uploaded.append(opened.read())
        receipt = await super().send(piece, context)
        several = max(1, len(piece.media))
        first = int(receipt.external_ids[0]) * 10
        ids = tuple(str(first + n) for n in range(several))
        return Receipt(external_ids=ids, message_keys=tuple(f"{piece.channel_id}:{id_}" for id_ in ids))

    @hookimpl
    async def edit(self, piece: Piece, sent: SentMessage, context: ChannelContext[TinySettings]) -> None:
        self._fail()
        await self._meanwhile()
        self.asked.edits.append((sent.external_ids[0], piece.text))

    @hookimpl
    async def delete(self, sent: SentMessage, context: ChannelContext[TinySettings]) -> None:
        self._fail()
        self.asked.deletes += sent.external_ids

    @hookimpl
    async def typing(self, channel_id: str, thread_id: str, context: ChannelContext[TinySettings]) -> None:
        self.asked.typed.append(channel_id)

    @hookimpl
    async def acknowledge(self, callback_id: str, context: ChannelContext[TinySettings]) -> None:
        self.asked.acknowledged.append(callback_id)

    @hookimpl
    async def fetch_media(
        self, attachment: Attachment, target: MediaSink, context: ChannelContext[TinySettings]
    ) -> None:
        answers = self.asked.files[attachment.provider_file_id or ""]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, BaseException):
            raise answer
        await self._meanwhile()
        for start in range(0, len(answer), 100):
            await target.write(answer[start : start + 100])

    async def _meanwhile(self) -> None:
        happens, self.asked.meanwhile = self.asked.meanwhile, None
        if happens is not None:
            await happens()

    def _fail(self) -> None:
        if self.asked.faults:
            raise self.asked.faults.popleft()


def _press(message: dict[str, object], event: MessageReceived) -> ButtonPressed:
    return ButtonPressed(
        event_id=event.event_id,
        chat=event.chat or Chat(channel_id="7"),
        sender=event.sender or Sender(id="7", name="Someone"),
        callback_id=str(message["id"]),
        data=str(message["press"]),
        title=event.text,
        message_id=str(message["of"]),
        message_key=f"{message['chat']}:{message['of']}",
    )
