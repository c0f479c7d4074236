"""What a channel says of itself, as data: settings, capabilities with their limits, rates, errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from chaskiq_core.errors import InvalidError

Secret = Annotated[str, Field(json_schema_extra={"secret": True})]
"""A setting that is kept encrypted and shown masked."""


class ChannelSettings(BaseModel):
    """The base of a channel's settings: they become the validated row, the CLI's `--set` and the dashboard's form."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def account(self) -> str | None:
        """The provider's account id where the settings hold it; None: `install` tells it."""
        return None

    def with_generated(self) -> "ChannelSettings":
        """The settings with what may be left out made up (a webhook secret); called once, when they are stored."""
        return self

    @classmethod
    def from_url(cls, url: str) -> "ChannelSettings":
        """Settings for sending alone, out of CHASKIQ_SMTP_URL, for a manifest with `mails`; InvalidError otherwise."""
        raise InvalidError("smtp_url: this channel sends no mails")

    @classmethod
    def secret_names(cls) -> frozenset[str]:
        """The fields that are `Secret`."""
        return frozenset(name for name, described in cls.model_fields.items() if _is_secret(described))


def _is_secret(described: FieldInfo) -> bool:
    """Also of `Secret | None`, where pydantic leaves the mark inside the union."""
    inside = [mark for one in get_args(described.annotation) for mark in getattr(one, "__metadata__", ())]
    extras = [described.json_schema_extra, *(getattr(mark, "json_schema_extra", None) for mark in inside)]
    return any(isinstance(extra, dict) and extra.get("secret") for extra in extras)


class Level(StrEnum):
    """How well a channel carries something."""

    FULL = "full"
    PARTIAL = "partial"
    FALLBACK = "fallback"
    """It arrives as something simpler: a list as text, buttons as numbers."""
    DROPPED = "dropped"
    REJECTED = "rejected"


class Counted(StrEnum):
    """What a limit counts."""

    CODE_POINTS = "code_points"
    UTF16_UNITS = "utf16_units"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCapability:
    """Text in one message."""

    level: Level = Level.FULL
    max_length: int
    counted_in: Counted = Counted.CODE_POINTS
    sign_length: int = 0
    """Where looks are signs in the text itself: how long those around a marked text are, at most; a link's address is
    spelt out there, too. 0: looks cost nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCapability:
    """Files of one type."""

    max_bytes: int
    """A larger one goes out as a file, if that takes it, else as a link."""
    mimes: frozenset[str] = frozenset()
    """Which types of content it may have; another goes out as a larger one would. Empty: any."""
    caption: bool = True
    """Whether a text may stand with it, where the channel has captions; False: the text is a message of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumCapability:
    """Several files in one message."""

    max_items: int
    together: tuple[frozenset[str], ...]
    """Which types may stand in one album: `(frozenset({"image", "video"}), frozenset({"file"}))`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsCapability:
    """Buttons under a message; what does not fit becomes a numbered text."""

    max_options: int
    max_label: int
    """Code points."""
    with_media: bool = True
    """Whether they may stand under a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the channel carries; what is not named is dropped, or arrives as something simpler."""

    text: TextCapability
    caption: TextCapability | None = None
    """Text that stands with a file; None: it is a message of its own."""
    media: Mapping[str, MediaCapability] = field(default_factory=dict)
    """By type: image, video, audio, voice, file. One that is missing goes out as a file, if that is here, or a link."""
    album: AlbumCapability | None = None
    """None: each file is a message of its own."""
    options: OptionsCapability | None = None
    """None: a numbered text."""
    reply: Level = Level.DROPPED
    """Answering one message."""
    edit: Level = Level.DROPPED
    """Changing what was sent; not DROPPED: the hook `edit`."""
    delete: Level = Level.DROPPED
    """Taking back what was sent; not DROPPED: the hook `delete`."""
    typing: Level = Level.DROPPED
    """Showing that somebody writes; not DROPPED: the hook `typing`."""
    templates: Level = Level.DROPPED
    """Messages that the provider has approved; not DROPPED: the hook `list_templates`."""
    threads: Level = Level.DROPPED
    """Messages that name the ones before them; not DROPPED: each piece comes with its `thread`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How many messages the provider takes, on the long run and at once."""

    scope: Literal["account", "chat", "group", "pair"]
    """Of the whole account; of each chat; of each chat that is a group; of each person in a chat of their own."""
    count: int
    per_seconds: float
    burst: int | None = None
    """How many may go at once after a pause; None: `count`."""


class Idempotency(StrEnum):
    """How a send whose outcome is unknown can be settled."""

    NONE = "none"
    """By nobody: it is shown to the agents, or sent again where the integration says so."""
    KEY = "key"
    """By sending it again: the provider takes `Piece.key` once."""
    LOOKUP = "lookup"
    """By the hook `look_up`; what is not there is sent again."""
    CALLBACK = "callback"
    """By a status or an echo that gives `Piece.key` back as its `attempt_id`, within two minutes."""


class ProfileScope(StrEnum):
    """Within what a person's id is unique."""

    PROVIDER = "provider"
    """The same id is the same person for all accounts (a phone number, a Telegram user)."""
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRule:
    """One line of the provider's error table."""

    code: str
    """The provider's code or status."""
    contains: str
    """In the provider's sentence, lower case; '' is any."""
    error_class: str
    """transient | recipient | content | window | reauth | account | moved | ambiguous"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A channel's own description. Declared is implemented: the start compares it with the hooks."""

    provider: str
    """Lower case, unique among the installed plugins."""
    title: str
    settings: type[ChannelSettings]
    capabilities: Capabilities
    offers: frozenset[str] = frozenset()
    """The optional hooks that the plugin implements, by name."""
    methods: frozenset[str] = frozenset({"POST"})
    """HTTP methods of its webhook."""
    rate_limits: tuple[RateLimit, ...] = ()
    window_seconds: int | None = None
    """How long after a contact's message a free text may go out; None: at any time."""
    idempotency: Idempotency = Idempotency.NONE
    profile_scope: ProfileScope = ProfileScope.PROVIDER
    errors: tuple[ErrorRule, ...] = ()
    poll_seconds: float = 20.0
    """How often the hook `poll` is called."""
    mails: bool = False
    """Whether it can write to any e-mail address: people are told by it of what they have not read. Its settings can
    be made `from_url`, for a house that sends such mails by one server."""
    reaches: bool = True
    """Whether what was sent reaches the person wherever they look; False: only while they look at a page."""
    connect: str = "form"
    """How one connects: form | oauth | qr."""
    help: str = ""
    """Where the settings are found, a sentence for the form."""
    aliases: tuple[str, ...] = field(default=())
    """Other names for the provider on the command line."""
    example_settings: Mapping[str, str] = field(default_factory=dict)
    """Valid settings of an account that does not exist: what `chaskiq channels parse` reads webhooks with."""
