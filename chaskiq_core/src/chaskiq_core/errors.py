"""Every error of the house, grouped by what its catcher does next.

ChaskiqError
├── SettingsError            the start stops: one sentence names the setting (CLI: exit 2)
├── RefusalError             a door answers with `status` and the sentence; nothing was changed
│   ├── UnreadableError      400  the bytes are not what the channel speaks
│   ├── ForbiddenError       403  the actor may not do this
│   ├── NotFoundError        404  it isn't there, or belongs to another App
│   ├── ConflictError        409  somebody was faster, or the same client_id came with another content
│   └── InvalidError         422  the input breaks a rule
├── UnavailableError         a door answers 503: the database is away, full or too busy; the caller repeats
├── LaneLostError            a worker lost its lane to another: it writes nothing and lets go
├── RaceError                a unique index was hit by two calls, three times in a row: a bug or a hot spot
├── CallError                our own code broke a rule of the store (an argument that is not a value, I/O in an act)
├── PluginError              a plugin raised, hung, or returned what its hook does not allow
└── SendError                a channel could not deliver; each subclass is one consequence
    ├── RetryLaterError      transient  the provider took nothing; the lane waits and sends the same again
    ├── RecipientError       recipient  this person can't be reached; the delivery fails
    ├── ContentError         content    this content is not accepted; the delivery fails
    ├── WindowError          window     the provider's time window is closed; the delivery fails
    ├── ReauthError          reauth     the credentials were refused; the integration is broken until renewed
    ├── AccountError         account    the provider's account is blocked or misconfigured
    ├── MovedError           moved      the chat has another id now; follow it
    └── UnknownOutcomeError  ambiguous  the provider may have accepted it; never sent again by itself
"""

from typing import ClassVar


class ChaskiqError(Exception):
    """The root: catching it catches everything the house raises on purpose."""


class SettingsError(ChaskiqError):
    """A setting is missing or malformed; the message names it and says what to set."""


class RefusalError(ChaskiqError):
    """A request that can't be granted; the message is a sentence for whoever asked."""

    status: ClassVar[int] = 400


class UnreadableError(RefusalError):
    """The bytes can't be read as what the channel speaks."""

    status = 400


class ForbiddenError(RefusalError):
    """The actor is known and may not do this."""

    status = 403


class NotFoundError(RefusalError):
    """Nothing of that name in this App."""

    status = 404


class ConflictError(RefusalError):
    """What the caller believed is no longer so."""

    status = 409


class InvalidError(RefusalError):
    """The input breaks a rule; the message names the field."""

    status = 422


class UnavailableError(ChaskiqError):
    """The house can't write or read now; nothing was changed, the caller may repeat."""


class LaneLostError(ChaskiqError):
    """Another worker has the lane now; what this one has in hand is not written."""


class RaceError(ChaskiqError):
    """Two calls kept hitting the same unique index; `constraint` is its name."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"unique index {constraint} was hit three times in a row")
        self.constraint = constraint


class CallError(ChaskiqError):
    """A call or an act breaks a rule of the store."""


class PluginError(ChaskiqError):
    """A plugin raised, hung, or returned what its hook does not allow."""


class SendError(ChaskiqError):
    """A channel could not deliver a piece.

    `code` is the provider's own (a text, may be empty); the message is the provider's sentence.
    """

    error_class: ClassVar[str] = "ambiguous"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class RetryLaterError(SendError):
    """The provider took nothing. The lane waits, then sends the same again."""

    error_class = "transient"
    retryable = True

    def __init__(
        self, message: str, *, code: str = "", retry_after_seconds: float | None = None, whole_account: bool = False
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds
        """What the provider asked for: that chat is left alone for so long. None: our back-off."""
        self.whole_account = whole_account
        """Whether it asked that of the account, not of the one chat."""


class RecipientError(SendError):
    """This person or chat can't be reached, now and later."""

    error_class = "recipient"


class ContentError(SendError):
    """This content is not accepted by the provider."""

    error_class = "content"


class WindowError(SendError):
    """The provider's time window for free answers is closed."""

    error_class = "window"


class ReauthError(SendError):
    """The integration's credentials were refused; nothing goes out until they are renewed."""

    error_class = "reauth"


class AccountError(SendError):
    """The provider's account is blocked, limited or misconfigured."""

    error_class = "account"


class MovedError(SendError):
    """The chat lives under another id; `channel_id` is the new one."""

    error_class = "moved"

    def __init__(self, message: str, *, channel_id: str, code: str = "") -> None:
        super().__init__(message, code=code)
        self.channel_id = channel_id


class UnknownOutcomeError(SendError):
    """The request was written and no answer can be trusted: it may have been accepted."""

    error_class = "ambiguous"
