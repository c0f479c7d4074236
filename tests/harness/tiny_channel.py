"""A channel that is small enough to read in a minute: JSON in, a list out, errors on demand."""

import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio

from chaskiq_core.plugin import (
    Accepted,
    Capabilities,
    ChannelContext,
    ChannelSettings,
    Chat,
    Ignored,
    InboundEvent,
    Installed,
    Level,
    Manifest,
    MessageReceived,
    Piece,
    RateLimit,
    Receipt,
    Refused,
    Secret,
    Sender,
    TextCapability,
    UnreadableError,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)

MAX_TEXT = 100
SECRET = "tiny-secret"


class TinySettings(ChannelSettings):
    """What an operator gives."""

    name: str = "tiny-account"
    secret_token: Secret = SECRET
    api_base: str = "http://127.0.0.1:9"

    def account(self) -> str:
        return self.name


@dataclass(slots=True)
class Outbox:
    """What was sent, in order, and what goes wrong next."""

    sent: list[Piece] = field(default_factory=list)
    attempts: list[Piece] = field(default_factory=list)
    faults: deque[BaseException | float] = field(default_factory=deque)
    """Per attempt: an error to raise, or seconds to hang."""
    takes_before_fault: bool = False
    """Whether the provider takes the message although the fault follows."""
    on_send: Callable[[Piece], None] | None = None


class TinyChannel:
    """A provider `tiny`: `{"messages": [{"id", "chat", "from", "name", "text"}, …]}`."""

    def __init__(self, *, rate_limits: tuple[RateLimit, ...] = ()) -> None:
        self.outbox = Outbox()
        self.manifest = Manifest(
            provider="tiny",
            title="Tiny",
            settings=TinySettings,
            capabilities=Capabilities(text=TextCapability(max_length=MAX_TEXT), reply=Level.FULL),
            offers=frozenset({"install"}),
            rate_limits=rate_limits,
        )

    @hookimpl
    def verify(self, request: WebhookRequest, settings: TinySettings) -> Verdict:
        given = request.headers.get("x-tiny-secret")
        if given is None:
            return Refused(status=401, reason="no secret")
        if not hmac.compare_digest(given.encode("latin-1"), settings.secret_token.encode()):
            return Refused(status=403, reason="wrong secret")
        return Accepted()

    @hookimpl
    def route(self, request: WebhookRequest, settings: TinySettings) -> Sequence[WebhookItem]:
        items = []
        for n, message in enumerate(messages_of(request)):
            key = str(message.get("id") or hashlib.sha256(request.body).hexdigest())
            items.append(WebhookItem(dedupe_key=key, lane=str(message.get("chat", "")), path=f"/messages/{n}"))
        return items

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: TinySettings) -> Sequence[InboundEvent]:
        message = messages_of(request)[int(item.path.rsplit("/", 1)[1])]
        if message.get("poison"):
            raise RuntimeError("poison")
        if "text" not in message:
            return [Ignored(event_id=item.dedupe_key, reason="no text")]
        chat = str(message["chat"])
        return [
            MessageReceived(
                event_id=item.dedupe_key,
                chat=Chat(channel_id=chat),
                sender=Sender(id=str(message.get("from", chat)), name=str(message.get("name", "Someone"))),
                message_id=str(message["id"]),
                message_key=f"{chat}:{message['id']}",
                text=str(message["text"]),
                reply_to=str(message["reply_to"]) if "reply_to" in message else None,
                reply_to_key=f"{chat}:{message['reply_to']}" if "reply_to" in message else None,
            )
        ]

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        outbox = self.outbox
        outbox.attempts.append(piece)
        if outbox.on_send:
            outbox.on_send(piece)
        fault = outbox.faults.popleft() if outbox.faults else None
        if fault is None or outbox.takes_before_fault:
            outbox.sent.append(piece)
        if isinstance(fault, BaseException):
            raise fault
        if fault is not None:
            await anyio.sleep(fault)
        number = 1000 + len(outbox.sent)
        return Receipt(external_ids=(str(number),), message_keys=(f"{piece.channel_id}:{number}",))

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[TinySettings]) -> Installed:
        return Installed(account=context.settings.name, name="Tiny")


def messages_of(request: WebhookRequest) -> list[dict[str, object]]:
    """The messages of a webhook; UnreadableError if it holds none."""
    messages = request.json().get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise UnreadableError("no list of messages")
    return messages
