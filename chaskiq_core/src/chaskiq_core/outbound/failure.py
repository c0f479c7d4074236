"""A send's error as a frozen value, so that it can be an act's argument."""

from dataclasses import dataclass

from chaskiq_core.errors import MovedError, RetryLaterError, SendError


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFailure:
    """What a SendError says."""

    kind: type[SendError]
    message: str
    code: str
    channel_id: str = ""

    @classmethod
    def of(cls, error: SendError) -> "SendFailure":
        """The error as a value."""
        moved = error.channel_id if isinstance(error, MovedError) else ""
        return cls(kind=type(error), message=error.message, code=error.code, channel_id=moved)

    def as_error(self) -> SendError:
        """The error again."""
        if issubclass(self.kind, MovedError):
            return MovedError(self.message, channel_id=self.channel_id, code=self.code)
        if issubclass(self.kind, RetryLaterError):
            return RetryLaterError(self.message, code=self.code)
        return self.kind(self.message, code=self.code)
