"""What goes out: a piece to send, the context to send it in, and the receipt; and what is fetched for what came in."""

import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import BinaryIO, Generic, Literal, Protocol, TypeVar

import httpx

from chaskiq_core.content import Document
from chaskiq_core.errors import ContentError
from chaskiq_core.plugin.manifest import ChannelSettings
from chaskiq_core.plugin.templates import OutgoingTemplate
from chaskiq_core.plugin.webhook import WebhookRequest

OutgoingType = Literal["image", "video", "audio", "voice", "file"]

S_co = TypeVar("S_co", bound=ChannelSettings, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMedia:
    """A file that goes out, within the limits of its type."""

    type: OutgoingType
    media_id: str | None
    """Opened with `context.media.open`; None: only its `url` is known."""
    url: str
    """Where anyone can fetch it: somebody else's address, or ours, signed for a week."""
    filename: str
    mime: str | None = None
    size: int | None = None
    """Bytes."""
    duration: float | None = None
    """Seconds."""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An answer that can be chosen by a press."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The conversation that a piece belongs to, for a channel whose messages name each other."""

    conversation: str
    """Its key: 24 letters and digits, which nobody can guess."""
    subject: str | None = None
    references: tuple[str, ...] = ()
    """Ids of the messages before it on this integration, oldest first, twenty at most; the last one is answered."""
    author: str = ""
    """Who wrote it."""
    by_bot: bool = False
    """Whether a machine did."""
    offers_unsubscribe: bool = False
    """Whether it is a notification, which its reader may not want."""
    to_agent: str | None = None
    """Set where an agent gets it, not the contact: the agent's address, for whom alone an answer's token counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One message to send, already within the manifest's limits; fixed at the first attempt."""

    channel_id: str
    """The provider's chat."""
    thread_id: str
    """Its topic or business connection; '' where there is none."""
    text: str
    """Plain, what the limits were counted on."""
    content: Document
    """The same with its marks."""
    attempt_id: str
    """Random per attempt."""
    key: str = ""
    """The same on every attempt: what the provider dedupes by, gives back, or is asked for; 26 characters or so."""
    reply_to: str | None = None
    """The provider's id of the message that is answered."""
    media: tuple[OutgoingMedia, ...] = ()
    """What it carries; several are an album. The text is its caption then, and may be empty."""
    template: OutgoingTemplate | None = None
    """A template that it is, filled; the text says what the contact will read, the one file is its header."""
    options: tuple[Option, ...] = ()
    """Its buttons. A press must come back as `ButtonPressed` with the option's place in this list as `data`: `"0"`."""
    thread: Thread | None = None
    """Where the manifest's capability `threads` asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The provider took it: the ids it gave, bare and account-wide, in the same order."""

    external_ids: tuple[str, ...]
    message_keys: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    """What else the provider calls the person whose chat it is; they are found by it from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A piece that the provider took, to be changed or taken back."""

    channel_id: str
    thread_id: str
    external_ids: tuple[str, ...]
    """As the receipt told them; several are an album's."""


class MediaReader(Protocol):
    """Opens our own files."""

    def open(self, media_id: str) -> AbstractAsyncContextManager[BinaryIO]:
        """The file of that id, at its start; NotFoundError if it is gone."""
        ...


class MediaSink(Protocol):
    """Takes a file as it comes in."""

    @property
    def max_bytes(self) -> int:
        """What is taken; more is refused with InvalidError."""
        ...

    async def write(self, chunk: bytes) -> None:
        """The next bytes."""
        ...


class NoMedia:
    """The reader of a context that was made without one."""

    def open(self, media_id: str) -> AbstractAsyncContextManager[BinaryIO]:
        raise ContentError(f"the file {media_id} can't be opened: this context was given no media")


NO_MEDIA = NoMedia()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelContext(Generic[S_co]):
    """All a channel hook may use: no row, no session."""

    settings: S_co
    http: httpx.AsyncClient
    """Shared, without redirects; give each request a timeout below `timeout_seconds`."""
    timeout_seconds: float
    """What is left for the whole call; the host ends it then."""
    log: logging.Logger
    media: MediaReader = NO_MEDIA


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The provider took our webhook."""

    account: str
    """The provider's id of the account, the scope of its message ids."""
    name: str
    """How the account calls itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a provider had for us."""

    requests: tuple[WebhookRequest, ...]
    """Each as a webhook would have brought it."""
    cursor: str
    """Where the next call goes on; kept once the requests are."""
    more: bool = False
    """Whether there is more already: it is asked again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One line of `doctor`."""

    name: str
    ok: bool
    detail: str
    """What was seen."""
    fix: str = ""
    """What to do, if it is not ok: a sentence without its full stop."""
