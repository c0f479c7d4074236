"""One line block of HTML while it is read: white space collapsed as browsers do, neighbours merged."""

import re

from chaskiq_core.content.document import HardBreak, Heading, Inline, Mark, Paragraph, Text, merge_inlines

_SPACES = re.compile(r"[ \t\n\f\r]+")
_WHITE = " \t\n\f\r"


class HtmlLine:
    """Collects texts and breaks until the block ends."""

    __slots__ = ("_inlines", "_loose", "_starting", "explicit")

    def __init__(self) -> None:
        self.explicit = False
        """It is in a `p` or heading of its own, whose every break and even emptiness counts."""
        self._inlines: list[Inline] = []
        self._starting = True
        self._loose = False
        """The last character is a space that vanishes at the end of a line."""

    def add(self, data: str, marks: frozenset[Mark], *, keeps_space: bool) -> None:
        """Words as the source has them."""
        if not keeps_space:
            data = _SPACES.sub(" ", data)
            if (self._starting or self._loose) and data.startswith(" "):
                data = data[1:]
        if data:
            self._inlines.append(Text(text=data, marks=marks))
            self._starting = False
            self._loose = not keeps_space and data.endswith(" ")

    def break_here(self) -> None:
        """A new line in the same block."""
        self._end()
        self._inlines.append(HardBreak())

    def block(self, level: int, *, even_empty: bool) -> Paragraph | Heading | None:
        """What the line came to, a heading if `level` is not 0; None when there is nothing to see."""
        self._end()
        inlines = merge_inlines(self._inlines)
        if not self.explicit and not even_empty:
            inlines = _visible(inlines)
        if not inlines and not even_empty:
            return None
        return Heading(level=level, inlines=inlines) if level else Paragraph(inlines=inlines)

    def _end(self) -> None:
        last = self._inlines[-1] if self._inlines else None
        if self._loose and isinstance(last, Text):
            self._inlines[-1] = Text(text=last.text[:-1], marks=last.marks)
        self._starting, self._loose = True, False


def _visible(inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
    # Browsers show nothing for white space between blocks, and no empty line for one break at a block's end.
    if all(isinstance(inline, Text) and not inline.text.strip(_WHITE) for inline in inlines):
        return ()
    return inlines[:-1] if isinstance(inlines[-1], HardBreak) else inlines
