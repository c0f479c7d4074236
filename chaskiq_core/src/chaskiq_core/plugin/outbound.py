"""What goes out: a piece to send, the context to send it in, and the receipt."""

import logging
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx

from chaskiq_core.content import Document
from chaskiq_core.plugin.manifest import ChannelSettings

S_co = TypeVar("S_co", bound=ChannelSettings, covariant=True)


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
    """Random per attempt: the idempotency key where the provider takes one."""
    reply_to: str | None = None
    """The provider's id of the message that is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The provider took it: the ids it gave, bare and account-wide, in the same order."""

    external_ids: tuple[str, ...]
    message_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelContext(Generic[S_co]):
    """All a channel hook may use: no row, no session."""

    settings: S_co
    http: httpx.AsyncClient
    """Shared, without redirects; give each request a timeout below `timeout_seconds`."""
    timeout_seconds: float
    """What is left for the whole call; the host ends it then."""
    log: logging.Logger


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The provider took our webhook."""

    account: str
    """The provider's id of the account, the scope of its message ids."""
    name: str
    """How the account calls itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One line of `doctor`."""

    name: str
    ok: bool
    detail: str
    """What was seen; if not ok, what to do."""
