"""A Document in Slack's mrkdwn: what can't be marked there stays as words, and nothing in it can ping or link."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import assert_never

from chaskiq_core.plugin import (
    AudioBlock,
    Block,
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
    MarkKind,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
    text_of,
)
from chaskiq_slack.escape import escape

_SIGNS = {MarkKind.STRIKE: "~", MarkKind.ITALIC: "_", MarkKind.BOLD: "*"}
"""From the inside out."""
_IN_ADDRESS = str.maketrans({"<": "%3C", ">": "%3E", "|": "%7C", " ": "%20"})
_NO_MARKS: frozenset[MarkKind] = frozenset()


def has_looks(document: Document) -> bool:
    """Whether the text alone would say less: it goes out untouched otherwise, its asterisks as asterisks."""
    return slack_mrkdwn(document) != escape(text_of(document))


def slack_mrkdwn(document: Document) -> str:
    """The document's mrkdwn: `text_of` it, escaped once, with Slack's signs around what is marked."""
    return _joined(document.blocks, "\n\n")


def _joined(blocks: Iterable[Block], gap: str) -> str:
    """The blocks that say something, as `text_of` joins them."""
    said = [block for block in blocks if text_of(Document(blocks=(block,))).strip("\n")]
    return gap.join(_block(block) for block in said)


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _lines(block.inlines, _NO_MARKS)
        case Heading():
            return _lines(block.inlines, frozenset({MarkKind.BOLD}))
        case Blockquote():
            return "\n".join(f"> {line}" for line in _joined(block.blocks, "\n\n").split("\n"))
        case BulletList():
            return "\n".join(_item("- ", item) for item in block.items)
        case OrderedList():
            return "\n".join(_item(f"{number}. ", item) for number, item in enumerate(block.items, block.start))
        case CodeBlock():
            return escape(block.text) if "```" in block.text else f"```\n{escape(block.text)}\n```"
        case EmbedBlock():
            return _link(block.url or "", block.caption or block.title or block.url or "")
        case ImageBlock() | FileBlock() | VideoBlock() | AudioBlock():
            return _link(block.url or "", block.caption or block.url or "")
        case DividerBlock():
            return ""
        case _:
            assert_never(block)


def _item(prefix: str, item: ListItem) -> str:
    said = _joined(item.blocks, "\n")
    return prefix + said.replace("\n", "\n" + " " * len(prefix)) if said else prefix.rstrip()


def _lines(inlines: Sequence[Text | HardBreak], more: frozenset[MarkKind]) -> str:
    """Line by line: no mark of Slack's reaches over the end of one."""
    lines: list[list[Text]] = [[]]
    for inline in inlines:
        if isinstance(inline, HardBreak):
            lines.append([])
            continue
        first, *rest = inline.text.split("\n")
        lines[-1].append(Text(text=first, marks=inline.marks))
        lines += [[Text(text=line, marks=inline.marks)] for line in rest]
    return "\n".join(_line(line, more) for line in lines)


def _line(texts: list[Text], more: frozenset[MarkKind]) -> str:
    """Neighbours of the same looks as one: two signs in a row are none to Slack."""
    line = ""
    runs = [
        ("".join(text.text for text in group), *looks)
        for looks, group in groupby((text for text in texts if text.text), key=lambda text: _looks(text, more))
    ]
    for n, (words, address, kinds) in enumerate(runs):
        following = runs[n + 1][0][:1] if n + 1 < len(runs) else ""
        line += _marked(words, address, kinds, before=line[-1:], following=following)
    return line


def _looks(text: Text, more: frozenset[MarkKind]) -> tuple[str, frozenset[MarkKind]]:
    address = next((mark.value for mark in text.marks if mark.kind is MarkKind.LINK), "")
    return address, frozenset(mark.kind for mark in text.marks) & {*_SIGNS, MarkKind.CODE} | more


def _marked(words: str, address: str, kinds: frozenset[MarkKind], *, before: str, following: str) -> str:
    """The words between their signs; without those that Slack would show as they are."""
    bare = words.strip()
    if not bare:
        return escape(words)
    start = words.index(bare)
    lead, trail = escape(words[:start]), escape(words[start + len(bare) :])
    said = _link(address, bare) if address else escape(bare)
    stands_alone = (lead or not before.isalnum()) and (trail or not following.isalnum())
    if MarkKind.CODE in kinds and not address:
        said = f"`{said}`" if "`" not in bare and stands_alone else said
        return f"{lead}{said}{trail}"  # code carries no other mark
    if stands_alone:
        for kind, sign in _SIGNS.items():
            if kind in kinds and sign not in said:
                said = f"{sign}{said}{sign}"
    return f"{lead}{said}{trail}"


def _link(address: str, words: str) -> str:
    if not address.startswith(("http://", "https://", "mailto:")) or "\n" in words:
        return escape(words)
    target = address.replace("&", "&amp;").translate(_IN_ADDRESS)
    return f"<{target}>" if words == address else f"<{target}|{escape(words)}>"
