"""The headers of a mail or a part: unfolded, decoded as far as they can be, never raising."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from chaskiq_core.plugin import clean_string
from chaskiq_email.reading.charsets import decoded

MAX_HEADER_BYTES = 256_000
MAX_HEADERS = 1_000
MAX_VALUE = 20_000
MAX_WORDS = 2_000
"""Characters of a header that a person reads."""
MAX_PARAMETERS = 4_000
MAX_ID = 250
MAX_IDS = 60
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_SPACES = re.compile(r"\s+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,2000})>")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,190}")
_UNSAFE = (HeaderParseError, MessageError, LookupError, ValueError, RecursionError, TypeError, AttributeError)
"""What the standard library raises on headers that nobody should send."""


@dataclass(frozen=True, slots=True)
class Headers:
    """Names in lower case with their unfolded values, in order."""

    all: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The first value of that name; '' if there is none."""
        return next((value for found, value in self.all if found == name), "")

    def every(self, name: str) -> list[str]:
        """All values of that name."""
        return [value for found, value in self.all if found == name]

    def words(self, name: str) -> str:
        """The first value, decoded for people, on one line."""
        return words_of(self.first(name))


def read_headers(body: bytes, start: int, end: int, *, max_lines: int = 2 * MAX_HEADERS) -> tuple[Headers, int]:
    """The headers that begin there, and where the content begins; what is beyond the limits is skipped."""
    lines: list[tuple[str, list[bytes]]] = []
    at = start
    limit = min(end, start + MAX_HEADER_BYTES)
    count = 0
    while at < limit and count < max_lines:
        count += 1
        newline = body.find(b"\n", at, end)
        after = end if newline < 0 else newline + 1
        line = body[at:after].rstrip(b"\r\n")
        if not line:
            return _headers(lines), after
        if line[:1] in (b" ", b"\t"):
            if lines:
                lines[-1][1].append(line)
        elif found := _NAME.match(line):
            name = found.group()[:-1].rstrip().decode("ascii").lower()
            lines.append((name, [line[found.end() :]]))
        elif not (at == start and line.startswith((b"From ", b">From "))):
            return _headers(lines), at  # no header: the content has begun without a blank line
        at = after
    if at >= end:
        return _headers(lines), end
    blank = _BLANK_LINE.search(body, at, end)
    return _headers(lines), blank.end() if blank else end


def _headers(lines: Sequence[tuple[str, list[bytes]]]) -> Headers:
    return Headers(
        tuple(
            (name, _text(b"".join(folded)[: 4 * MAX_VALUE])[:MAX_VALUE].strip()) for name, folded in lines[:MAX_HEADERS]
        )
    )


def _text(raw: bytes) -> str:
    return raw.decode("ascii") if raw.isascii() else decoded(raw, "utf-8")


def words_of(value: str) -> str:
    """A header's value for people: encoded words decoded, on one line, without a control character."""
    value = value[: 4 * MAX_WORDS]
    if "=?" in value:
        with suppress(*_UNSAFE):
            value = "".join(
                part if isinstance(part, str) else decoded(part, charset or "utf-8")
                for part, charset in decode_header(value)
            )
    value = _CONTROLS.sub(" ", clean_string(value))
    return _SPACES.sub(" ", value).strip()[:MAX_WORDS]


def parameters_of(value: str) -> dict[str, str]:
    """The parameters of a content type or disposition, RFC 2231 joined and encoded words decoded."""
    message: Message[str, str] = Message()
    try:
        message["Content-Type"] = value[:MAX_PARAMETERS]
        found: Sequence[tuple[str, object]] = message.get_params(header="content-type", unquote=True) or []
        values: dict[str, str] = {}
        for name, told in found[1:]:
            # Of a value in the way of RFC 2231 it is the charset, the language and the text.
            text = _decoded_2231(*told) if isinstance(told, tuple) else words_of(str(told))
            values.setdefault(name.lower(), text)
    except _UNSAFE:
        return _plain_parameters(value)
    return values


def _decoded_2231(charset: str | None, _language: str | None, text: str) -> str:
    raw = text.encode("raw-unicode-escape", "replace")
    return _CONTROLS.sub(" ", clean_string(decoded(raw, charset or "utf-8"))).strip()


def _plain_parameters(value: str) -> dict[str, str]:
    """The same as far as a simple reading goes."""
    found = re.findall(r";\s*([\w*-]{1,40})\s*=\s*(?:\"([^\"]{0,1000})\"|([^\s;]{0,1000}))", value[:MAX_PARAMETERS])
    return {name.lower(): clean_string(quoted or bare) for name, quoted, bare in found}


def message_ids(*values: str) -> list[str]:
    """The ids in such headers, in order, each once: without brackets, never empty, the long ones by their hash."""
    found: dict[str, None] = {}
    for value in values:
        named = _MESSAGE_ID.findall(value)
        if not named and value.strip():
            named = [word for word in value.split()[:MAX_IDS] if "<" not in word and ">" not in word and "@" in word]
        for one in named:
            found.setdefault(short_id(one))
    return list(found)


def message_id_of(headers: Headers) -> str:
    """The mail's own id; '' where it has none, or one that is none."""
    for value in headers.every("message-id"):
        named = _MESSAGE_ID.findall(value)
        if not named and "<" not in value and ">" not in value and len(value.split()) == 1:
            named = value.split()
        if named:
            return short_id(named[0])
    return ""


def short_id(message_id: str) -> str:
    """An id as it can be a key."""
    clean = _CONTROLS.sub("", clean_string(message_id))
    return clean if len(clean) <= MAX_ID else f"sha256:{sha256(clean.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Somebody's address, in lower case, with the name that stands before it."""

    address: str
    name: str = ""


def addresses_of(*values: str) -> list[Address]:
    """The addresses in such headers, in order; what is none is left out."""
    found: dict[str, Address] = {}
    for value in values:
        for name, address in _pairs(value):
            address = address.strip().lower()
            if _ADDRESS.fullmatch(address) and len(found) < 100:
                found.setdefault(address, Address(address=address, name=words_of(name)[:200]))
    return list(found.values())


def is_address(text: str) -> bool:
    """Whether a text is one address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def _pairs(value: str) -> list[tuple[str, str]]:
    if value.count("(") > 20:
        value = value.replace("(", " ").replace(")", " ")  # comments in comments would be read level by level
    try:
        pairs = getaddresses([value])
    except (*_UNSAFE, IndexError):
        pairs = []
    if any(_ADDRESS.fullmatch(address.strip().lower()) for _, address in pairs):
        return pairs
    return [("", address) for address in _ADDRESS.findall(value)[:20]]


def date_of(headers: Headers) -> datetime | None:
    """When it was written, in UTC; None where that can't be read."""
    try:
        at = parsedate_to_datetime(headers.first("date")[:200])
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (*_UNSAFE, OverflowError):
        return None
