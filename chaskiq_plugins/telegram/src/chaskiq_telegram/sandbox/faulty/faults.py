"""Faults on demand: which call is to go wrong, and how. What then happens to the answer is `spoil.py`'s."""

from collections.abc import Callable, Container, Mapping
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from chaskiq_telegram.sandbox.delivering.updates import chat_id_of, kind_of
from chaskiq_telegram.sandbox.json_value import Json, JsonObject

FOREVER_SECONDS = 3600.0


class FaultKind(StrEnum):
    """How a call goes wrong; the numbers are HTTP statuses."""

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
    CHAT_MIGRATED = "chat_migrated"  # 400 with migrate_to_chat_id
    HANG = "hang"  # no answer for `seconds`, then the connection is closed
    SLOW = "slow"  # the right answer after `seconds`
    RESET_BEFORE = "reset_before"  # the connection is reset and nothing was taken
    RESET_AFTER = "reset_after"  # the call is carried out, then the connection is reset
    GARBAGE = "garbage"  # 200 with a page that is not JSON
    BROKEN_OFF = "broken_off"  # of a download: half of it, then the connection is reset
    TRICKLE = "trickle"  # of a download: in four pieces, `seconds` before each
    WRONG_LENGTH = "wrong_length"  # of a download: a whole answer, but shorter than getFile said
    DUPLICATE = "duplicate"  # of an update: delivered once more after it was taken
    HOLD = "hold"  # of an update: delivered after the bot's next one
    LOST_ANSWER = "lost_answer"  # of an update: taken, but the webhook's 200 counts as a failure


CARRIED_OUT = frozenset({FaultKind.SLOW, FaultKind.RESET_AFTER})
OF_DOWNLOADS = frozenset({FaultKind.BROKEN_OFF, FaultKind.TRICKLE, FaultKind.WRONG_LENGTH})
OF_DELIVERIES = frozenset({FaultKind.DUPLICATE, FaultKind.HOLD, FaultKind.LOST_ANSWER})
DOWNLOAD, DELIVERY = "download", "webhook"  # stand where a method's name does
NOT_CARRIED_OUT = frozenset({FaultKind.RESET_BEFORE})


class Fault(BaseModel):
    """A rule: the next calls that match it go wrong."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str = "*"  # a Bot API method in any case; * for all; "download" for the file host, "webhook" for updates
    chat_id: int | str | None = None  # only calls for this chat; None for all
    times: int | None = Field(default=1, ge=1)  # how many calls go wrong; None: until the fault is removed
    skip: int = Field(default=0, ge=0)  # how many matching calls pass first
    accept: bool | None = None  # whether the call is carried out all the same; None: as its kind usually is
    description: str | None = None  # instead of Telegram's usual sentence
    retry_after: int = Field(default=1, ge=0)  # seconds, of a 429
    seconds: float = Field(default=FOREVER_SECONDS, ge=0)  # of hang and slow
    migrate_to_chat_id: int = -1002500193377  # of chat_migrated
    update: str | None = None  # only updates of this kind, of a webhook's faults; None for all

    @field_validator("kind", mode="before")
    @classmethod
    def _number_as_text(cls, kind: object) -> object:
        return str(kind) if isinstance(kind, int) else kind

    @model_validator(mode="after")
    def _kind_fits_method(self) -> Self:
        """A kind that only downloads or updates can have needs no method, and takes no other."""
        for kinds, method in ((OF_DOWNLOADS, DOWNLOAD), (OF_DELIVERIES, DELIVERY)):
            if self.kind in kinds and self.method not in ("*", method):
                raise ValueError(f"{self.kind} is a fault of {method}")
        if self.method == DELIVERY and self.kind not in OF_DELIVERIES:
            raise ValueError(f"{self.kind} is no fault of {DELIVERY}")
        return self

    @property
    def is_carried_out(self) -> bool:
        """Whether the call does its work before it goes wrong."""
        if self.kind in NOT_CARRIED_OUT or self.kind in CARRIED_OUT:
            return self.kind in CARRIED_OUT
        return bool(self.accept)

    def matches(self, method: str, parameters: Mapping[str, Json]) -> bool:
        is_method = self._target == "*" or self._target.lower() == method.lower()
        return is_method and (self.chat_id is None or str(parameters.get("chat_id")) == str(self.chat_id))

    @property
    def is_of_any_method(self) -> bool:
        return self._target == "*"

    @property
    def _target(self) -> str:
        if self.kind in OF_DOWNLOADS:
            return DOWNLOAD
        return DELIVERY if self.kind in OF_DELIVERIES else self.method


class Faults:
    """The faults in order; kept in memory, so a restart starts without any."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    @property
    def all(self) -> list[Fault]:
        """What is still to go wrong, with the counts that are left."""
        return list(self._faults)

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str, parameters: Mapping[str, Json]) -> Fault | None:
        """The fault that this call runs into, its count lowered; faults that let the call pass lower their `skip`."""
        return self._take(lambda fault: fault.matches(method, parameters))

    def take_download(self) -> Fault | None:
        """The fault that this download runs into; those of any method are not meant for it."""
        return self._take(lambda fault: fault.matches(DOWNLOAD, {}) and not fault.is_of_any_method)

    def take_delivery(self, update: JsonObject, kinds: Container[FaultKind]) -> Fault | None:
        """The fault of these kinds that the delivery of this update runs into."""
        kind = kind_of(update)
        chat: JsonObject = {"chat_id": chat_id_of(update)}
        return self._take(
            lambda fault: fault.kind in kinds and fault.update in (None, kind) and fault.matches(DELIVERY, chat)
        )

    def _take(self, is_hit: Callable[[Fault], bool]) -> Fault | None:
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
