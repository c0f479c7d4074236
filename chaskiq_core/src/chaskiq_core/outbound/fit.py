"""Content cut to what a channel carries: a list of messages, each within the manifest's limits. Pure."""

from dataclasses import dataclass

from chaskiq_core.content import Document, document_from_text, text_of
from chaskiq_core.plugin.manifest import Capabilities, Counted, Level, TextCapability

BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")
"""Where a long text is cut, the best place first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPiece:
    """One message: its text, and the same with marks."""

    text: str
    content: Document


def fit(content: Document, capabilities: Capabilities) -> list[FittedPiece]:
    """The messages that carry a part's content; none if there is nothing that the channel could carry.

    A text that fits goes as it is, with its marks; a longer one is cut at a paragraph, line, sentence or word, and goes
    as plain text.
    """
    text = text_of(content)
    limit = capabilities.text
    if limit.level in (Level.DROPPED, Level.REJECTED) or not text.strip():
        return []
    if measure(text, limit.counted_in) <= limit.max_length:
        plain = limit.level is Level.FALLBACK
        return [FittedPiece(text=text, content=document_from_text(text) if plain else content)]
    return [FittedPiece(text=cut, content=document_from_text(cut)) for cut in split_text(text, limit)]


def split_text(text: str, limit: TextCapability) -> list[str]:
    """Cuts of a text, none over the limit, none blank; together they are the text, but for blanks at the cuts."""
    cuts: list[str] = []
    rest = text.strip()
    while measure(rest, limit.counted_in) > limit.max_length:
        room = _prefix(rest, limit)
        end = _break_before(rest, room)
        cuts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest:
        cuts.append(rest)
    return [cut for cut in cuts if cut]


def measure(text: str, counted: Counted) -> int:
    """The length of a text as the provider counts it."""
    match counted:
        case Counted.CODE_POINTS:
            return len(text)
        case Counted.UTF16_UNITS:
            return len(text) + sum(character > "\uffff" for character in text)
        case Counted.BYTES:
            return len(text.encode())


def _prefix(text: str, limit: TextCapability) -> int:
    """How many characters fit: at least one, so that every text comes to an end."""
    if limit.counted_in is Counted.CODE_POINTS:
        return max(1, limit.max_length)
    used = 0
    for n, character in enumerate(text):
        used += measure(character, limit.counted_in)
        if used > limit.max_length:
            return max(1, n)
    return len(text)


def _break_before(text: str, room: int) -> int:
    """The best place to cut within the room: not in its first half, where a hard cut is better."""
    window = text[:room]
    for mark in BREAKS:
        at = window.rfind(mark, room // 2)
        if at >= 0:
            return at + len(mark)
    return room
