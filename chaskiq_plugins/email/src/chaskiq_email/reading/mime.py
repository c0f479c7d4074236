"""The parts of a mail, found in its bytes within bounds: linear in size, whatever the nesting, and never raising.

The standard library's parser calls itself for each level and needs seconds for a hostile mail; it is used for the
small things (parameters, encoded words), see `headers`.
"""

import binascii
import re
from dataclasses import dataclass
from functools import cached_property

from chaskiq_email.reading.headers import Headers, parameters_of, read_headers

MAX_PARTS = 200
MAX_DEPTH = 30
MAX_LINES_IN_MAIL = 2_000
"""Lines of headers."""
MAX_LINES_IN_PART = 200
MAX_LOOKALIKES = 10_000
"""Places that begin like a boundary."""
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,100}")
_LIKE_BOUNDARY = re.compile(rb"^--([A-Za-z0-9'()+_,./:=?-]{1,70})[ \t]*\r?\n[A-Za-z-]{1,60}:", re.MULTILINE)
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_BLANK = b" \t\r"


@dataclass(frozen=True)
class Part:
    """One entity of a mail: its headers, and where its content stands in the whole."""

    path: str
    """`0` is the mail itself, `0.1` the second part in it."""
    headers: Headers
    raw: memoryview
    """The content as it was sent, still encoded."""
    media_type: str
    """Lower case; text/plain where none is told, application/octet-stream where it can't be read."""
    children: "tuple[Part, ...]" = ()

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Of the content type: charset, name, format, boundary."""
        return parameters_of(self.headers.first("content-type"))

    @cached_property
    def disposition(self) -> str:
        """attachment, inline, or '' where nothing is told."""
        return self.headers.first("content-disposition").partition(";")[0].strip().lower()

    @property
    def is_attached(self) -> bool:
        """Whether the sender calls it an attachment."""
        return self.disposition == "attachment"

    def content(self, limit: int | None = None) -> bytes:
        """The decoded content; what can't be decoded is left out. With a limit, about so many bytes of it."""
        raw = self.raw if limit is None else self.raw[: 2 * limit]
        match self.headers.first("content-transfer-encoding").strip().lower():
            case "base64":
                return _base64(bytes(raw))
            case "quoted-printable":
                return binascii.a2b_qp(bytes(raw))
            case _:
                return bytes(raw)

    def walk(self) -> "list[Part]":
        """It and all parts in it, in order."""
        found = [self]
        for child in self.children:
            found += child.walk()
        return found


def with_newlines(body: bytes) -> bytes:
    r"""The body with lines that end in \n: a mail with \r alone is read as well, each byte in its place."""
    return body if b"\n" in body else body.replace(b"\r", b"\n")


def read_mail(body: bytes) -> Part:
    """The mail as a tree of at most 200 parts and 30 levels; what goes beyond stays undivided."""
    body = with_newlines(body)
    return _Reading(body).part(0, len(body), path="0", depth=1)


class _Reading:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._view = memoryview(body)
        self._left = MAX_PARTS

    def part(self, start: int, end: int, *, path: str, depth: int) -> Part:
        self._left -= 1
        lines = MAX_LINES_IN_MAIL if depth == 1 else MAX_LINES_IN_PART
        headers, content = read_headers(self._body, start, end, max_lines=lines)
        media_type = _media_type(headers)
        if media_type.startswith("multipart/") and depth < MAX_DEPTH and self._left > 0:
            children = self._children(headers, content, end, path=path, depth=depth)
            if children:
                return Part(path, headers, self._view[content:end], media_type, children)
            media_type = "text/plain"  # a multipart without parts: what stands in it is all there is
        return Part(path, headers, self._view[content:end], media_type)

    def _children(self, headers: Headers, start: int, end: int, *, path: str, depth: int) -> tuple[Part, ...]:
        boundary = parameters_of(headers.first("content-type")).get("boundary", "").rstrip()
        boundary = boundary or _guessed_boundary(self._body, start, end)
        if not boundary or len(boundary) > 200:
            return ()
        children: list[Part] = []
        begin: int | None = None
        for line_start, line_end, is_last in _boundaries(self._body, boundary.encode("utf-8", "replace"), start, end):
            if begin is not None and self._left > 0:
                children.append(
                    self.part(begin, max(begin, line_start), path=f"{path}.{len(children)}", depth=depth + 1)
                )
            begin = None if is_last else line_end
            if is_last:
                break
        if begin is not None and begin < end and self._left > 0:
            children.append(self.part(begin, end, path=f"{path}.{len(children)}", depth=depth + 1))
        return tuple(children)


def _guessed_boundary(body: bytes, start: int, end: int) -> str:
    """Of a multipart that does not tell its boundary: the first line that looks like one; '' if there is none."""
    found = _LIKE_BOUNDARY.search(body, start, min(end, start + 10_000))
    return found.group(1).decode("ascii") if found else ""


def _boundaries(body: bytes, boundary: bytes, start: int, end: int) -> "list[tuple[int, int, bool]]":
    """Each line that is the boundary: where what stands before it ends, where what follows begins, if it is the last.

    The newline before a boundary belongs to it.
    """
    found: list[tuple[int, int, bool]] = []
    mark = b"--" + boundary
    at = body.find(mark, start, end)
    looked_at = 0
    while at >= 0 and len(found) <= 2 * MAX_PARTS and looked_at < MAX_LOOKALIKES:
        looked_at += 1
        newline = body.find(b"\n", at, end)
        after = end if newline < 0 else newline + 1
        rest = body[at + len(mark) : after].strip(_BLANK + b"\n") if after - at < 1_000 else b"x"
        if (at == start or body[at - 1 : at] == b"\n") and rest in (b"", b"--"):
            before = at
            if before > start:
                before -= 2 if body[before - 2 : before] == b"\r\n" and before - 2 >= start else 1
            found.append((before, after, rest == b"--"))
        at = body.find(mark, max(after, at + 1), end)
    return found


def _media_type(headers: Headers) -> str:
    told = headers.first("content-type")
    if not told.strip():
        return "text/plain"
    name = told.partition(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(name):
        return name
    return "text/plain" if name in ("text", "plain") else "application/octet-stream"


def _base64(raw: bytes) -> bytes:
    """What of it is base64, decoded; padding is as it may."""
    letters = raw.translate(None, _NOT_BASE64)
    return binascii.a2b_base64(letters[: len(letters) & ~3] + _tail(letters))


def _tail(letters: bytes) -> bytes:
    """The last, incomplete group, padded; a single letter holds not even one byte."""
    rest = letters[len(letters) & ~3 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
