"""Markdown pages as the tests of the docs see them: fenced blocks with what stands above them, links, headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(
            ROOT / name
            for name in ("README.md", "CONTRIBUTING.md", "chaskiq_core/README.md", "chaskiq_server/README.md")
        ),
        *(ROOT / "chaskiq_plugins").glob("*/README.md"),
    ]
)
"""All that a reader is given."""
_LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")
_FROM = re.compile(r"<!-- from (\S+) -->")
_CODE = re.compile(r"`[^`]*`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block."""

    page: Path
    line: int
    language: str
    text: str
    source: str
    """The file that it is cut from, as the comment above it says; '' for none."""

    def __str__(self) -> str:
        return f"{name_of(self.page)}:{self.line}"


def name_of(page: Path) -> str:
    """The page within the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> Iterator[Block]:
    """The page's fenced blocks, in order."""
    above, fence, start, inside = "", "", 0, list[str]()
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if fence and line.strip() == "```":
            marker = _FROM.fullmatch(above)
            text = "".join(f"{one}\n" for one in inside)
            source = marker[1] if marker else ""
            yield Block(page=page, line=start, language=fence.strip("`"), text=text, source=source)
            above, fence, inside = "", "", []
        elif fence:
            inside.append(line)
        elif line.startswith("```"):
            fence, start = line.strip() if line.strip("`") else "```text", number
        elif line.strip():
            above = line.strip()
    assert not fence, f"{name_of(page)}:{start} has no end"


def links_of(page: Path) -> Iterator[str]:
    """Where the page's links lead, but for those out of the repository."""
    for target in _LINK.findall(_CODE.sub("", "\n".join(_outside_blocks(page)))):
        if not target.startswith(("http://", "https://", "mailto:")):
            yield target


def anchors_of(page: Path) -> set[str]:
    """What a link into the page may name: its headings, as GitHub spells them."""
    titles = [line.lstrip("#").strip() for line in _outside_blocks(page) if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _outside_blocks(page: Path) -> Iterator[str]:
    is_inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            is_inside = not is_inside
        elif not is_inside:
            yield line
