"""Slack's mrkdwn as a Document: its control sequences in words, its marks as marks, its entities unescaped once."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chaskiq_core.plugin import (
    Block,
    Blockquote,
    CodeBlock,
    Document,
    HardBreak,
    Mark,
    MarkKind,
    Paragraph,
    Text,
    clean_text,
    document_from_text,
    text_of,
)
from chaskiq_slack.reading.control import beside, read_control, unescape

MAX_CHARACTERS = 100_000
MAX_NODES = 1_900
"""Below the core's bound; a message with more is plain text."""
MAX_SPANS = 200
"""Marks in one line; one with more has none."""

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_GAP = re.compile(r"\n[ \t]*\n\s*")
_QUOTED = re.compile(r"&gt;[ ]?")
_CODE_OR_CONTROL = re.compile(r"`([^`\n]+)`|<([^<>\n]*)>")
_CONTROL = re.compile(r"<([^<>\n]*)>")
_MARKED = {
    MarkKind.BOLD: re.compile(r"(?<![^\W_])\*(?=[^\s*])[^*\n]*(?<=[^\s*])\*(?![^\W_])"),
    MarkKind.ITALIC: re.compile(r"(?<![^\W_])_(?=[^\s_])[^_\n]*(?<=[^\s_])_(?![^\W_])"),
    MarkKind.STRIKE: re.compile(r"(?<![^\W_])~(?=[^\s~])[^~\n]*(?<=[^\s~])~(?![^\W_])"),
}
_HIDDEN = "\ufffc"
"""Stands for a character of a code or a control sequence, where a mark's sign is none."""


def document_of(mrkdwn: str) -> Document:
    """The message as people see it in Slack. Any text has a Document; it never raises."""
    text = clean_text(mrkdwn)[:MAX_CHARACTERS]
    blocks = tuple(_blocks(text))
    if sum(_size(block) for block in blocks) > MAX_NODES:
        return document_from_text(_plain(text))
    return Document(blocks=blocks)


def words_of(document: Document) -> str:
    """What it says as plain text: an address stands behind its label."""
    return text_of(replace(document, blocks=tuple(_with_addresses(block) for block in document.blocks)))


def _blocks(text: str) -> Iterator[Block]:
    end = 0
    for fence in _FENCE.finditer(text):
        yield from _paragraphs(text[end : fence.start()])
        if fence.group(1).strip():
            yield CodeBlock(text=_plain(fence.group(1)))
        end = fence.end()
    yield from _paragraphs(text[end:])


def _paragraphs(text: str) -> Iterator[Block]:
    for piece in _GAP.split(text.strip("\n")):
        quoted: list[str] = []
        said: list[str] = []
        for line in piece.split("\n"):
            if mark := _QUOTED.match(line):
                yield from _paragraph(said)
                said = []
                quoted.append(line[mark.end() :])
            else:
                yield from _quote(quoted)
                quoted = []
                said.append(line)
        yield from _paragraph(said)
        yield from _quote(quoted)


def _paragraph(lines: list[str]) -> Iterator[Block]:
    if not any(line.strip() for line in lines):
        return
    inlines: list[Text | HardBreak] = []
    for line in lines:
        inlines += [*_inlines(line), HardBreak()]
    yield Paragraph(inlines=tuple(inlines[:-1]))


def _quote(lines: list[str]) -> Iterator[Block]:
    if blocks := tuple(_paragraph(lines)):
        yield Blockquote(blocks=blocks)
    elif lines:
        yield from _paragraph(["&gt;"] * len(lines))  # a sign that quotes nothing was meant as one


@dataclass(frozen=True, slots=True)
class _Atom:
    """A stretch of a line: plain words, or what a code or a control sequence shows."""

    start: int
    end: int
    shown: str | None = None
    """None: the words as they stand there."""
    mark: Mark | None = None


def _inlines(line: str) -> list[Text]:
    """A line's texts with their marks."""
    atoms = list(_atoms(line))
    if len(atoms) > MAX_NODES:
        return [Text(text=_plain(line))]
    bare = "".join(line[a.start : a.end] if a.shown is None else _HIDDEN * (a.end - a.start) for a in atoms)
    spans = [(m.start(), m.end(), kind) for kind, marked in _MARKED.items() for m in marked.finditer(bare)]
    spans = spans if len(spans) <= MAX_SPANS else []
    signs = sorted({place for first, end, _ in spans for place in (first, end - 1)})
    texts: list[Text] = []
    for atom in atoms:
        if atom.shown is not None:
            marks = _marks_at(spans, atom.start) | ({atom.mark} if atom.mark else set())
            texts.append(Text(text=atom.shown, marks=frozenset(marks)))
            continue
        for start, end in _stretches(atom, signs):
            texts.append(Text(text=unescape(line[start:end]), marks=frozenset(_marks_at(spans, start))))
    return [text for text in texts if text.text]


def _atoms(line: str) -> Iterator[_Atom]:
    end = 0
    for found in _CODE_OR_CONTROL.finditer(line):
        if end < found.start():
            yield _Atom(end, found.start())
        end = found.end()
        if code := found.group(1):
            yield _Atom(found.start(), end, _plain(code), Mark(kind=MarkKind.CODE))
        else:
            control = read_control(found.group(2) or "")
            link = Mark(kind=MarkKind.LINK, value=control.address) if control.address else None
            yield _Atom(found.start(), end, control.shown, link)
    if end < len(line):
        yield _Atom(end, len(line))


def _marks_at(spans: list[tuple[int, int, MarkKind]], place: int) -> set[Mark]:
    return {Mark(kind=kind) for first, end, kind in spans if first < place < end - 1}


def _stretches(atom: _Atom, signs: list[int]) -> Iterator[tuple[int, int]]:
    """The atom's words between the signs of marks."""
    start = atom.start
    for place in signs[bisect_left(signs, atom.start) : bisect_left(signs, atom.end)]:
        if start < place:
            yield start, place
        start = place + 1
    if start < atom.end:
        yield start, atom.end


def _plain(text: str) -> str:
    """The text with its control sequences in words, its marks' signs as they stand."""
    # split gives what stands between the sequences at even places, what stands in them at odd ones
    return "".join(read_control(part).words if n % 2 else unescape(part) for n, part in enumerate(_CONTROL.split(text)))


def _with_addresses(block: Block) -> Block:
    match block:
        case Paragraph():
            return replace(block, inlines=tuple(_with_address(inline) for inline in block.inlines))
        case Blockquote():
            return replace(block, blocks=tuple(_with_addresses(one) for one in block.blocks))
    return block


def _with_address(inline: Text | HardBreak) -> Text | HardBreak:
    if isinstance(inline, HardBreak):
        return inline
    address = next((mark.value for mark in inline.marks if mark.kind is MarkKind.LINK), "")
    return Text(text=beside(inline.text, address))


def _size(block: Block) -> int:
    match block:
        case Paragraph():
            return 1 + len(block.inlines)
        case Blockquote():
            return 1 + sum(_size(one) for one in block.blocks)
    return 1
