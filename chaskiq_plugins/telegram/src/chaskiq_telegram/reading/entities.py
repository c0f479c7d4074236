"""Telegram's text with entities, counted in UTF-16 code units, as a Document that says exactly the same text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chaskiq_core.plugin import (
    Blockquote,
    CodeBlock,
    Document,
    HardBreak,
    JsonObject,
    Mark,
    MarkKind,
    Paragraph,
    Text,
    clean_text,
)
from chaskiq_telegram.fields import text_at, whole_at

MAX_ENTITIES = 400
"""Telegram keeps about a hundred in a message."""
MAX_CHARACTERS = 100_000
MAX_INLINES = 1_500
"""A Document's bounds, with room for its blocks."""

_MARKS = {
    "bold": MarkKind.BOLD,
    "italic": MarkKind.ITALIC,
    "underline": MarkKind.UNDERLINE,
    "strikethrough": MarkKind.STRIKE,
    "code": MarkKind.CODE,
    "pre": MarkKind.CODE,
}
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_LINK = re.compile(r"(?:https?|mailto|tel):[^\s\x00-\x1f\x7f-\x9f]{1,2000}", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,60}", re.ASCII)
_GAP = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text in code points, and what it is."""

    start: int
    end: int
    type: str
    mark: Mark | None
    language: str | None


def document_of(text: str, entities: Sequence[JsonObject]) -> Document | None:
    """The text with its marks; None where it has none, or more than a Document holds.

    Quotes and code stand as blocks of their own where blank lines set them apart; within a paragraph code is a mark, so
    that the document's text is the message's text, to the letter.
    """
    spans = spans_of(text, entities)
    if not spans or len(text) > MAX_CHARACTERS or text.count("\n") > MAX_INLINES or clean_text(text) != text:
        return None
    blocks = tuple(_blocks(text, 0, len(text), spans, may_quote=True))
    return Document(blocks=blocks) if _has_looks(blocks) and _size(blocks) <= MAX_INLINES else None


def spans_of(text: str, entities: Sequence[JsonObject]) -> list[Span]:
    """What the entities cover, within the text; a character of which a half is covered is covered."""
    starts, ends = _code_points(text)
    last = len(starts) - 1
    spans: list[Span] = []
    for entity in entities[:MAX_ENTITIES]:
        offset, length = whole_at(entity, "offset"), whole_at(entity, "length")
        if offset is None or length is None or offset < 0 or length <= 0 or offset > last:
            continue
        start, end = starts[offset], ends[min(offset + length, last)]
        if start < end:
            spans.append(_span(entity, text, start, end))
    return spans


def _code_points(text: str) -> tuple[Sequence[int], Sequence[int]]:
    """For each place in UTF-16 units, the code point that a stretch from there starts at, and one to there ends at."""
    if text.isascii() or max(text) <= "\uffff":
        places = range(len(text) + 1)
        return places, places
    starts: list[int] = []
    ends: list[int] = []
    for index, character in enumerate(text):
        starts.append(index)
        ends.append(index)
        if character > "\uffff":
            starts.append(index)
            ends.append(index + 1)
    return [*starts, len(text)], [*ends, len(text)]


def _span(entity: JsonObject, text: str, start: int, end: int) -> Span:
    kind = text_at(entity, "type")
    language = text_at(entity, "language")
    mark = Mark(kind=_MARKS[kind]) if kind in _MARKS else _link(kind, entity, text[start:end])
    return Span(start, end, kind, mark, language if _LANGUAGE.fullmatch(language) else None)


def _link(kind: str, entity: JsonObject, covered: str) -> Mark | None:
    address = ""
    match kind:
        case "text_link":
            address = text_at(entity, "url")
        case "url":
            address = covered if "://" in covered else f"http://{covered}"
        case "email":
            address = f"mailto:{covered}"
        case "phone_number":
            address = "tel:" + re.sub(r"[^0-9+]", "", covered)
        case "mention":
            address = f"https://t.me/{covered.removeprefix('@')}"
    return Mark(kind=MarkKind.LINK, value=address) if _LINK.fullmatch(address) else None


def _blocks(
    text: str, start: int, end: int, spans: list[Span], *, may_quote: bool
) -> Iterator[Paragraph | CodeBlock | Blockquote]:
    """The blocks between two places, each next to a blank line or an end of the text."""
    for block in sorted(
        _set_apart(text, start, end, spans, may_quote=may_quote), key=lambda span: (span.start, -span.end)
    ):
        if block.start < start:
            continue  # inside the one before
        yield from _paragraphs(text, start, block.start, spans)
        if block.type == "pre":
            yield CodeBlock(text=text[block.start : block.end], language=block.language)
        else:
            inside = [span for span in spans if span.type not in _QUOTES]
            yield Blockquote(blocks=tuple(_blocks(text, block.start, block.end, inside, may_quote=False)))
        start = block.end
    yield from _paragraphs(text, start, end, spans)


def _set_apart(text: str, start: int, end: int, spans: list[Span], *, may_quote: bool) -> Iterator[Span]:
    for span in spans:
        if span.type != "pre" and not (may_quote and span.type in _QUOTES):
            continue
        first, last = _without_newlines(text, span.start, span.end)
        if not start <= first < last <= end:
            continue
        before, after = text[start:first], text[last:end]
        if (before.endswith("\n\n") or not before.strip("\n")) and (after.startswith("\n\n") or not after.strip("\n")):
            yield Span(first, last, span.type, span.mark, span.language)


def _paragraphs(text: str, start: int, end: int, spans: list[Span]) -> Iterator[Paragraph]:
    for stop, after in [*(gap.span() for gap in _GAP.finditer(text, start, end)), (end, end)]:
        first, last = _without_newlines(text, start, stop)
        if first < last:
            yield Paragraph(inlines=tuple(_inlines(text, first, last, spans)))
        start = after


def _without_newlines(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without the newlines at its ends."""
    covered = text[start:end]
    return start + len(covered) - len(covered.lstrip("\n")), end - len(covered) + len(covered.rstrip("\n"))


def _inlines(text: str, start: int, end: int, spans: list[Span]) -> Iterator[Text | HardBreak]:
    """Texts with the same marks all through, and line breaks."""
    here = [span for span in spans if span.mark and span.start < end and span.end > start]
    cuts = sorted({start, end, *(place for span in here for place in (span.start, span.end) if start < place < end)})
    run, marks = "", frozenset[Mark]()
    for first, last in pairwise(cuts):
        found = _marks(here, first, last)
        if found != marks:
            yield from _lines(run, marks)
            run, marks = "", found
        run += text[first:last]
    yield from _lines(run, marks)


def _marks(spans: list[Span], start: int, end: int) -> frozenset[Mark]:
    """The marks over a stretch, each kind once: the first one given wins."""
    found: dict[MarkKind, Mark] = {}
    for span in spans:
        if span.mark and span.start <= start and end <= span.end:
            found.setdefault(span.mark.kind, span.mark)
    return frozenset(found.values())


def _lines(run: str, marks: frozenset[Mark]) -> Iterator[Text | HardBreak]:
    for number, line in enumerate(run.split("\n")):
        if number:
            yield HardBreak()
        if line:
            yield Text(text=line, marks=marks)


def _has_looks(blocks: Sequence[Paragraph | CodeBlock | Blockquote]) -> bool:
    return any(
        not isinstance(block, Paragraph) or any(isinstance(inline, Text) and inline.marks for inline in block.inlines)
        for block in blocks
    )


def _size(blocks: Sequence[object]) -> int:
    """How many blocks and inlines there are, all in all."""
    size = 0
    for block in blocks:
        size += 1
        if isinstance(block, Paragraph):
            size += len(block.inlines)
        elif isinstance(block, Blockquote):
            size += _size(block.blocks)
    return size
