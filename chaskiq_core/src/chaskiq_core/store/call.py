"""A call: one act with its arguments, time and ids, the same on each run, so that it may be carried out twice."""

import base64
import dataclasses
import enum
import hashlib
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from chaskiq_core.errors import CallError
from chaskiq_core.media.links import MediaLinks
from chaskiq_core.model.ids import AppId
from chaskiq_core.plugin.manifest import Manifest
from chaskiq_core.store.clock import IdClock

R_co = TypeVar("R_co", covariant=True)

SCALARS = (type(None), bool, int, float, str, bytes, datetime, date, timedelta, Decimal, enum.Enum)

running_act: ContextVar[str | None] = ContextVar("chaskiq_running_act", default=None)
"""The name of the act that runs now; tests fail whatever does I/O while it is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: an agent by e-mail or id, a contact by key, or the house itself by the name of a room."""

    kind: Literal["agent", "person", "system"]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRule:
    """When somebody is told by e-mail of what they have not read."""

    delay: timedelta
    page_providers: frozenset[str]
    """Channels that reach a person only while they look at a page."""


@dataclass(slots=True, kw_only=True)
class Call(Generic[R_co]):
    """One act on its way through the store, over all its tries."""

    act: Callable[..., R_co]
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    app_id: AppId | None
    """None: the house itself, over all Apps."""
    actor: Actor
    call_id: str
    now: datetime
    clock: IdClock
    listeners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    manifests: Mapping[str, Manifest] = field(default_factory=dict)
    media_links: MediaLinks | None = None
    notices: NoticeRule | None = None
    correlation_id: str | None = None
    """Whose work it is, for logs and for the rows that carry it on."""
    readonly: bool = False
    tries: int = 0
    ids: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The act's name as logs show it."""
        return getattr(self.act, "__qualname__", repr(self.act))

    def nth_id(self, n: int) -> int:
        """The call's n-th row id: the same on each run."""
        while len(self.ids) <= n:
            self.ids.append(self.clock.next_id())
        return self.ids[n]

    def nth_key(self, n: int) -> str:
        """The call's n-th random key, 24 characters: the same on each run."""
        digest = hashlib.blake2b(f"{self.call_id}/{n}".encode(), digest_size=18).digest()
        return base64.urlsafe_b64encode(digest).decode().replace("-", "x").replace("_", "y")


def new_call_id() -> str:
    """128 random bits: the call's name, and the seed of its keys."""
    return secrets.token_hex(16)


def utc_now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)


def check_values(call: Call[object]) -> None:
    """Raise CallError unless every argument is a value that is the same on the second run."""
    for name, value in [*enumerate(call.args), *call.kwargs.items()]:
        _check_value(call.name, str(name), value)


def _check_value(act: str, name: str, value: object) -> None:
    if isinstance(value, SCALARS):
        return
    if isinstance(value, tuple | frozenset):
        for item in value:
            _check_value(act, name, item)
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_value(act, f"{name}.{key}", item)
        return
    if isinstance(value, BaseModel) and value.model_config.get("frozen"):
        return
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if value.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # why: typeshed hides the parameters
            return
        raise CallError(f"{act}: argument {name} is a {type(value).__name__} that can change; freeze the dataclass")
    raise CallError(f"{act}: argument {name} is a {type(value).__name__}, not a value; pass a tuple or a frozen value")
