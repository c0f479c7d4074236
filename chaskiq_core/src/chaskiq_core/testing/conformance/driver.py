"""What a sandbox gives the kit: a provider that can be played, from both of its sides."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import httpx

from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.testing.conformance.tiers import NotPlayedError


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes; a driver makes the provider's id of the number."""

    number: int
    name: str


MAYA, OMAR = Person(1001, "Maya"), Person(1002, "Omar")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A file in a chat, as the person sees it."""

    type: str
    """image, video, audio, voice or file: how the provider shows it."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message of ours in a person's chat, as it is there now."""

    id: str
    """The provider's."""
    text: str = ""
    """Plain, or the caption of its files."""
    files: tuple[ShownFile, ...] = ()
    options: tuple[str, ...] = ()
    """Labels of its buttons, in order."""
    reply_to: str | None = None
    """Id of the message that it answers."""


class Wrong(StrEnum):
    """What goes wrong at the provider, when we send."""

    RATE_LIMITED = "rate_limited"
    """It refuses with its "too many", and names a second or less to wait where it can."""
    SERVER_ERROR = "server_error"
    """It fails with its own error that surely took nothing."""
    UNAUTHORIZED = "unauthorized"
    """Our credentials are refused, from now on."""
    RECIPIENT_GONE = "recipient_gone"
    """This person can't be reached: blocked, unknown, left."""
    CONTENT_REFUSED = "content_refused"
    """It takes no such content."""
    WINDOW_CLOSED = "window_closed"
    """Its time for free answers is over."""
    RESET_BEFORE = "reset_before"
    """The connection ends; nothing was taken."""
    RESET_AFTER = "reset_after"
    """The message is taken, then the connection ends."""
    GARBAGE_AFTER = "garbage_after"
    """The message is taken, and the answer can't be read."""
    SLOW = "slow"
    """The right answer, after a second."""


class SandboxDriver(ABC):
    """Plays the provider for the kit. A new one is made for each rule.

    What is abstract every sandbox can play; each other method that stays as it is leaves its rules "not shown", which
    counts as missing where the manifest declares what they are about.
    """

    samples: ClassVar[Path | None] = None
    """A folder of further webhook bodies, `*.json` and others: they are mutated too. Recorded ones are used always."""

    @abstractmethod
    def running(self, hooks: httpx.AsyncBaseTransport) -> AbstractAsyncContextManager[None]:
        """Play the provider inside the block; its webhooks go out through `hooks`, whatever their URL."""

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """Settings of an integration with this provider, inside `running`; `api_base` leads to it."""

    @abstractmethod
    async def write(self, person: Person, text: str, *, reply_to: str | None = None) -> None:
        """The person writes to us, in their own chat; `reply_to` is the id of a message there."""

    @abstractmethod
    async def shown(self, person: Person) -> Sequence[Shown]:
        """Our messages in the person's chat that are there now, oldest first."""

    hook_url: str = ""
    """Where our hook is, once it was registered."""

    async def registered(self, hook_url: str) -> None:
        """The operator enters our hook URL at the provider; for those whose plugin has no `install`."""
        self.hook_url = hook_url

    async def handshake(self) -> None:
        """The provider asks whether the hook URL is ours, and finds its answer right; AssertionError if it is wrong."""
        raise NotPlayedError("the driver does not play handshake")

    def signed(self, request: WebhookRequest, body: bytes) -> WebhookRequest:
        """The request with another body, as the provider would send it; signatures are made anew."""
        return replace(request, body=body)

    async def go_wrong(self, wrong: Wrong, *, times: int = 1) -> None:
        """Let the next sends go wrong; raises NotPlayedError for what the provider never does."""
        raise NotPlayedError(f"the driver does not play {wrong}")

    async def write_unknown(self, person: Person) -> None:
        """The person sends something of a kind that nobody knows yet."""
        raise NotPlayedError("the driver does not play write_unknown")

    async def send_file(self, person: Person, filename: str, content: bytes) -> None:
        """The person sends a file."""
        raise NotPlayedError("the driver does not play send_file")

    async def press(self, person: Person, message_id: str, label: str) -> None:
        """The person presses the button of that label under our message."""
        raise NotPlayedError("the driver does not play press")

    async def edit(self, person: Person, text: str) -> None:
        """The person changes their latest message to this text."""
        raise NotPlayedError("the driver does not play edit")

    async def react(self, person: Person, message_id: str, emoji: str) -> None:
        """The person reacts to our message."""
        raise NotPlayedError("the driver does not play react")

    async def redeliver_under_another_id(self) -> None:
        """The provider sends the latest webhook again, and names the delivery differently."""
        raise NotPlayedError("the driver does not play redeliver_under_another_id")

    async def echo(self, person: Person) -> None:
        """The provider tells of our latest message as of one that somebody wrote."""
        raise NotPlayedError("the driver does not play echo")

    async def tell_status(self, person: Person, status: str) -> None:
        """The provider tells that our latest message is `delivered` or `read`."""
        raise NotPlayedError("the driver does not play tell_status")

    async def saw_typing(self, person: Person) -> bool:
        """Whether the person was shown that somebody writes."""
        raise NotPlayedError("the driver does not play saw_typing")

    async def saw_acknowledged(self) -> bool:
        """Whether the latest press was answered."""
        raise NotPlayedError("the driver does not play saw_acknowledged")
