"""Faults on demand: which call is to go wrong, and how. What then happens to an answer over HTTP is `spoil.py`'s."""

from collections.abc import Callable, Container, Mapping
from enum import StrEnum
from typing import ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from chaskiq_core.testing.sandbox.json_value import Json

FOREVER_SECONDS = 3600.0


class FaultKind(StrEnum):
    """How a call goes wrong, whoever the provider is; the numbers are HTTP statuses."""

    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    TOO_LARGE = "413"
    TOO_MANY_REQUESTS = "429"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    HANG = "hang"  # no answer for `seconds`, then the connection is closed
    SLOW = "slow"  # the right answer after `seconds`
    RESET_BEFORE = "reset_before"  # the connection is reset and nothing was taken
    RESET_AFTER = "reset_after"  # the call is carried out, then the connection is reset
    GARBAGE = "garbage"  # 200 with a page that is not JSON
    BROKEN_OFF = "broken_off"  # of a download: half of it, then the connection is reset
    TRICKLE = "trickle"  # of a download: in four pieces, `seconds` before each
    WRONG_LENGTH = "wrong_length"  # of a download: a whole answer, but shorter than was said
    DUPLICATE = "duplicate"  # of a webhook: delivered once more after it was taken
    HOLD = "hold"  # of a webhook: delivered after the account's next one
    LOST_ANSWER = "lost_answer"  # of a webhook: taken, but its 200 counts as a failure


CARRIED_OUT = frozenset({FaultKind.SLOW, FaultKind.RESET_AFTER})
NOT_CARRIED_OUT = frozenset({FaultKind.RESET_BEFORE})
OF_DOWNLOADS = frozenset({FaultKind.BROKEN_OFF, FaultKind.TRICKLE, FaultKind.WRONG_LENGTH})
OF_DELIVERIES = frozenset({FaultKind.DUPLICATE, FaultKind.HOLD, FaultKind.LOST_ANSWER})
STATUSES = frozenset(kind for kind in FaultKind if kind.isdecimal())
DOWNLOAD, DELIVERY = "download", "webhook"  # stand where a method's name does


class Fault(BaseModel):
    """A rule: the next calls that match it go wrong. A provider's sandbox adds kinds and fields in a subclass."""

    model_config = ConfigDict(extra="forbid")

    OWN_KINDS: ClassVar[frozenset[str]] = frozenset()  # beside FaultKind's; the provider's sandbox answers them

    kind: str
    method: str = "*"  # a method in any case; * for all; "download" for files, "webhook" for deliveries
    where: dict[str, str | int] = Field(default_factory=dict)  # only calls with these parameters, compared as text
    times: int | None = Field(default=1, ge=1)  # how many calls go wrong; None: until the fault is removed
    skip: int = Field(default=0, ge=0)  # how many matching calls pass first
    accept: bool | None = None  # whether the call is carried out all the same; None: as its kind usually is
    description: str | None = None  # instead of the provider's usual sentence
    retry_after: int = Field(default=1, ge=0)  # seconds, of a 429
    seconds: float = Field(default=FOREVER_SECONDS, ge=0)  # of hang, slow and trickle

    @field_validator("kind", mode="before")
    @classmethod
    def _number_as_text(cls, kind: object) -> object:
        return str(kind) if isinstance(kind, int) else kind

    @model_validator(mode="after")
    def _kind_fits_method(self) -> Self:
        """The kind is known; one that only downloads or deliveries can have needs no method, and takes no other."""
        if self.kind not in self.kinds():
            raise ValueError(f"{self.kind} is none of {', '.join(sorted(self.kinds()))}")
        for kinds, method in ((OF_DOWNLOADS, DOWNLOAD), (OF_DELIVERIES, DELIVERY)):
            if self.kind in kinds and self.method not in ("*", method):
                raise ValueError(f"{self.kind} is a fault of {method}")
        if self.method == DELIVERY and self.kind not in OF_DELIVERIES:
            raise ValueError(f"{self.kind} is no fault of {DELIVERY}")
        return self

    @classmethod
    def kinds(cls) -> frozenset[str]:
        """Every kind that this sandbox knows."""
        return frozenset(FaultKind) | cls.OWN_KINDS

    @property
    def status(self) -> int | None:
        """The HTTP status that the kind is; None for the other kinds."""
        return int(self.kind) if self.kind in STATUSES else None

    @property
    def is_carried_out(self) -> bool:
        """Whether the call does its work before it goes wrong."""
        if self.kind in NOT_CARRIED_OUT or self.kind in CARRIED_OUT:
            return self.kind in CARRIED_OUT
        return bool(self.accept)

    @property
    def is_of_any_method(self) -> bool:
        return self._target == "*"

    def matches(self, method: str, parameters: Mapping[str, Json]) -> bool:
        is_method = self._target == "*" or self._target.lower() == method.lower()
        return is_method and self.is_about(parameters)

    def is_about(self, parameters: Mapping[str, Json]) -> bool:
        """Whether a call with these parameters is meant; a subclass may look at more."""
        return all(str(parameters.get(name)) == str(value) for name, value in self.where.items())

    @property
    def _target(self) -> str:
        if self.kind in OF_DOWNLOADS:
            return DOWNLOAD
        return DELIVERY if self.kind in OF_DELIVERIES else self.method


F = TypeVar("F", bound=Fault)


class Faults(Generic[F]):
    """The faults in order; kept in memory, so a restart starts without any."""

    def __init__(self) -> None:
        self._faults: list[F] = []

    @property
    def all(self) -> list[F]:
        """What is still to go wrong, with the counts that are left."""
        return list(self._faults)

    def add(self, fault: F) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str, parameters: Mapping[str, Json]) -> F | None:
        """The fault that this call runs into, its count lowered; faults that let the call pass lower their `skip`."""
        return self._take(lambda fault: fault.matches(method, parameters))

    def take_download(self, parameters: Mapping[str, Json] | None = None) -> F | None:
        """The fault that this download runs into; those of any method are not meant for it."""
        return self._take(lambda fault: fault.matches(DOWNLOAD, parameters or {}) and not fault.is_of_any_method)

    def take_delivery(self, facts: Mapping[str, Json], kinds: Container[str]) -> F | None:
        """The fault of these kinds that the delivery of a webhook with these facts runs into."""
        return self._take(lambda fault: fault.kind in kinds and fault.matches(DELIVERY, facts))

    def _take(self, is_hit: Callable[[F], bool]) -> F | None:
        for place, fault in enumerate(self._faults):
            if not is_hit(fault):
                continue
            if fault.skip:
                self._faults[place] = fault.model_copy(update={"skip": fault.skip - 1})
                continue
            if fault.times == 1:
                del self._faults[place]
            elif fault.times is not None:
                self._faults[place] = fault.model_copy(update={"times": fault.times - 1})
            return fault
        return None
