"""A Document in WhatsApp's formatting; what a person typed is never taken for formatting."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias, assert_never

from chaskiq_core.plugin import (
    AudioBlock,
    Blockquote,
    BulletList,
    CodeBlock,
    DividerBlock,
    Document,
    EmbedBlock,
    FileBlock,
    HardBreak,
    Heading,
    ImageBlock,
    ListItem,
    Mark,
    MarkKind,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
    text_of,
)

Block: TypeAlias = (
    Paragraph
    | Heading
    | Blockquote
    | BulletList
    | OrderedList
    | CodeBlock
    | ImageBlock
    | FileBlock
    | VideoBlock
    | AudioBlock
    | EmbedBlock
    | DividerBlock
)

INVISIBLE = "\u200b"
"""WhatsApp has no escape character: a zero-width space keeps a sign from being one."""
SIGNS = {MarkKind.BOLD: "*", MarkKind.ITALIC: "_", MarkKind.STRIKE: "~", MarkKind.CODE: "`"}
FENCE = "```"

_BOLD = Mark(kind=MarkKind.BOLD)
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+\.\S+", re.IGNORECASE)
_OPENING = re.compile(r"(?<![^\W_])([*_~`])(?=\S)(?=[^\n]*\S\1)")
"""A sign that could begin something: not within a word, before no blank, with another one on its line."""
_QUOTE = re.compile(r"^>(?= )", re.MULTILINE)


def whatsapp_text(document: Document) -> str:
    """The document with its looks."""
    return _joined(document.blocks, "\n\n")


def neutral(text: str) -> str:
    """The text as it is: no `*`, `_`, `~`, backtick or `> ` in it is formatting. Addresses stay as they are."""
    cuts: list[str] = []
    at = 0
    for found in _ADDRESS.finditer(text):
        cuts += (_plain(text[at : found.start()]), found[0])
        at = found.end()
    return "".join((*cuts, _plain(text[at:])))


def _plain(text: str) -> str:
    return _QUOTE.sub(INVISIBLE + ">", _OPENING.sub(rf"\1{INVISIBLE}", text))


def _joined(blocks: Iterable[Block], gap: str) -> str:
    said = [block for block in blocks if text_of(Document(blocks=(block,)))]
    return gap.join(_block(block) for block in said)


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _line(block.inlines)
        case Heading():
            return _line(
                [
                    Text(text=one.text, marks=one.marks | {_BOLD}) if isinstance(one, Text) else one
                    for one in block.inlines
                ]
            )
        case Blockquote():
            quoted = _joined(block.blocks, "\n")
            return "\n".join(f"> {line}" for line in quoted.split("\n") if line.strip())
        case BulletList():
            return "\n".join(_item("- ", item) for item in block.items)
        case OrderedList():
            return "\n".join(_item(f"{number}. ", item) for number, item in enumerate(block.items, block.start))
        case CodeBlock():
            return neutral(block.text) if FENCE in block.text else f"{FENCE}{block.text}{FENCE}"
        case ImageBlock() | FileBlock() | VideoBlock() | AudioBlock():
            return _linked(block.url, block.caption or block.url or "")
        case EmbedBlock():
            return _linked(block.url, block.caption or block.title or block.url or "")
        case DividerBlock():
            return ""
        case _:
            assert_never(block)


def _item(prefix: str, item: ListItem) -> str:
    text = _joined(item.blocks, "\n")
    return prefix + text.replace("\n", "\n" + " " * len(prefix)) if text else prefix.rstrip()


def _line(inlines: Sequence[Text | HardBreak]) -> str:
    lines: list[list[Text]] = [[]]
    for inline in inlines:
        if isinstance(inline, HardBreak):
            lines.append([])
            continue
        first, *others = inline.text.split("\n")
        lines[-1].append(Text(text=first, marks=inline.marks))
        lines += [[Text(text=other, marks=inline.marks)] for other in others]
    return "\n".join(_marked(line, tuple(SIGNS)) for line in lines)


@dataclass(frozen=True, slots=True)
class _Run:
    """Texts of a line that share a mark, or have it not."""

    marked: bool
    inside: str
    plain: str


def _marked(texts: Sequence[Text], kinds: tuple[MarkKind, ...]) -> str:
    """The texts of one line, the marks of these kinds as signs around what shares them."""
    if not kinds:
        return "".join(_said(text) for text in texts)
    kind, *rest = kinds
    runs: list[_Run] = []
    for marked, several in groupby((text for text in texts if text.text), key=lambda text: _has(text, kind)):
        together = list(several)
        plain = "".join(text.text for text in together)
        if marked and kind is MarkKind.CODE:
            inside = plain if SIGNS[kind] not in plain else _marked(together, ())
            runs.append(_Run(SIGNS[kind] not in plain, inside, plain))
        else:
            runs.append(_Run(marked, _marked(together, tuple(rest)), plain))
    return "".join(_signed(runs, SIGNS[kind]))


def _signed(runs: Sequence[_Run], sign: str) -> Iterator[str]:
    """Signs only where WhatsApp reads them: not within a word, and not beside a blank."""
    for n, run in enumerate(runs):
        core = run.inside.strip()
        before = runs[n - 1].plain[-1:] if n else ""
        after = runs[n + 1].plain[:1] if n + 1 < len(runs) else ""
        is_within = (before.isalnum() and run.plain[:1].strip() != "") or (
            after.isalnum() and run.plain[-1:].strip() != ""
        )
        if not run.marked or not core or is_within:
            yield run.inside
            continue
        start = run.inside.index(core)
        yield f"{run.inside[:start]}{sign}{core}{sign}{run.inside[start + len(core) :]}"


def _has(text: Text, kind: MarkKind) -> bool:
    return any(mark.kind is kind for mark in text.marks)


def _said(text: Text) -> str:
    address = next((mark.value for mark in text.marks if mark.kind is MarkKind.LINK), "")
    return _linked(address or None, text.text)


def _linked(url: str | None, words: str) -> str:
    """The words, and where they lead unless they say it."""
    if not url or url.removeprefix("mailto:").removeprefix("tel:") == words:
        return neutral(words)
    return f"{neutral(words)} ({url})" if words.strip() else url
