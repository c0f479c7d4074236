"""A provider's webhook as a plugin sees it, and what `verify` and `route` say about it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from pydantic_core import from_json

from chaskiq_core.errors import UnreadableError
from chaskiq_core.model.table import JsonObject

MAX_DEPTH = 64
"""Levels of arrays and objects that a JSON body may have."""
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, kw_only=True)
class WebhookRequest:
    """The bytes as they came: what `verify` proves and `route` and `parse` read.

    `headers` has lower-case names and values decoded as latin-1, so that any byte is kept; `query` is the raw query
    string without its question mark; `body` is untouched.
    """

    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: bytes = b""
    received_at: float | None = None
    """When it came, in Unix seconds, for the age of a signature; None: now."""

    def json(self) -> JsonObject:
        """The body as an RFC 8259 object, decoded once; NUL and lone surrogates in its texts become U+FFFD.

        Raises UnreadableError for anything else: NaN, Infinity, arrays, scalars, more than 64 levels, bytes that are
        not UTF-8.
        """
        return self._decoded

    def decode_ahead(self) -> None:
        """Decode a large body in a thread, so that `json` has it at hand; an unreadable one is found there, too."""
        with suppress(UnreadableError):
            self.json()

    @cached_property
    def _decoded(self) -> JsonObject:
        try:
            value: object = from_json(self.body, allow_inf_nan=False)
            unclean = b"\\u0000" in self.body
        except ValueError:
            # It takes no lone surrogates; json does, and says better what is wrong. Otherwise the two agree.
            value, unclean = _decode_slowly(self.body), True
        if not isinstance(value, dict):
            raise UnreadableError(f"the body is a JSON {type(value).__name__}, not an object")
        if self.body.count(b"[") + self.body.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
            raise UnreadableError(f"the body has more than {MAX_DEPTH} levels")
        return {clean_string(key): _clean(item) for key, item in value.items()} if unclean else value


def _decode_slowly(body: bytes) -> object:
    try:
        value: object = _DECODER.decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the body is not an RFC 8259 JSON object: {_sentence(error)}") from error
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def clean_string(text: str) -> str:
    """The text without NUL and lone surrogates: no database takes them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join(REPLACEMENT if "\ud800" <= character <= "\udfff" else character for character in text)
    return text.replace("\x00", REPLACEMENT)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean_string(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_string(key): _clean(item) for key, item in value.items()}
    return value


def _depth(value: object) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if deepest > MAX_DEPTH + 1:
            break
    return deepest - 1


def _sentence(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "too many levels"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error)[:120]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookItem:
    """One element of a webhook's body.

    `dedupe_key` names the element within the provider's account, the same on each repeat, never empty; `lane` is the
    chat whose order it keeps ('' for what belongs to no chat); `path` is an RFC 6901 pointer to it ('' is the body).
    """

    dedupe_key: str
    lane: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The request is authentic; it is stored, then answered 200 with `body`."""

    body: str = ""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The request is a handshake: answered as it is, nothing is stored."""

    body: str
    status: int = 200
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The request is not authentic: 401 without a proof, 403 with a wrong one."""

    status: Literal[401, 403]
    reason: str


Verdict: TypeAlias = Accepted | Answer | Refused
"""What `verify` says of a request."""
