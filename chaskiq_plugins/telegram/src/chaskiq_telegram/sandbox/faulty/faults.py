"""Faults on demand: which call is to go wrong, and how. What then happens to the answer is `spoil.py`'s."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from chaskiq_telegram.sandbox.json_value import Json

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


CARRIED_OUT = frozenset({FaultKind.SLOW, FaultKind.RESET_AFTER})
NOT_CARRIED_OUT = frozenset({FaultKind.RESET_BEFORE})


class Fault(BaseModel):
    """A rule: the next calls that match it go wrong."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str = "*"  # a Bot API method in any case; * for all
    chat_id: int | str | None = None  # only calls for this chat; None for all
    times: int | None = Field(default=1, ge=1)  # how many calls go wrong; None: until the fault is removed
    skip: int = Field(default=0, ge=0)  # how many matching calls pass first
    accept: bool | None = None  # whether the call is carried out all the same; None: as its kind usually is
    description: str | None = None  # instead of Telegram's usual sentence
    retry_after: int = Field(default=1, ge=0)  # seconds, of a 429
    seconds: float = Field(default=FOREVER_SECONDS, ge=0)  # of hang and slow
    migrate_to_chat_id: int = -1002500193377  # of chat_migrated

    @field_validator("kind", mode="before")
    @classmethod
    def _number_as_text(cls, kind: object) -> object:
        return str(kind) if isinstance(kind, int) else kind

    @property
    def is_carried_out(self) -> bool:
        """Whether the call does its work before it goes wrong."""
        if self.kind in NOT_CARRIED_OUT or self.kind in CARRIED_OUT:
            return self.kind in CARRIED_OUT
        return bool(self.accept)

    def matches(self, method: str, parameters: Mapping[str, Json]) -> bool:
        is_method = self.method == "*" or self.method.lower() == method.lower()
        return is_method and (self.chat_id is None or str(parameters.get("chat_id")) == str(self.chat_id))


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
        for place, fault in enumerate(self._faults):
            if not fault.matches(method, parameters):
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
