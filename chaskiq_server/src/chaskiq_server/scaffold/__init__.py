"""A new channel plugin: a copy of the template, which is a whole plugin for a made-up provider, under another name."""

import keyword
import re
from pathlib import Path

from chaskiq_core.errors import InvalidError

TEMPLATE = Path(__file__).parent / "template"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 40
PLACEHOLDER = "parrot"
"""The made-up provider's name: in the template's paths and words, also as Parrot."""


def new_plugin(name: str, into: Path) -> tuple[Path, list[str]]:
    """Write the package `chaskiq_NAME` into a folder; where it is, and its files. InvalidError for a bad name."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME or keyword.iskeyword(name):
        raise InvalidError(
            f"NAME: {name[:60]!r} can't be one; use lower case letters, digits and single underscores, "
            f"a letter first, up to {LONGEST_NAME} characters, as in acme_chat"
        )
    folder = into / f"chaskiq_{name}"
    if folder.exists():
        raise InvalidError(f"{folder} is there already; choose another name, or another folder with --into")
    written = []
    for source in sorted(TEMPLATE.rglob("*")):
        within = source.relative_to(TEMPLATE)
        # what running its own tests leaves behind is no part of it
        if source.is_dir() or any(part.startswith((".", "__pycache__")) for part in within.parts):
            continue
        place = renamed(within.as_posix(), name)
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(source.read_text(encoding="utf-8"), name), encoding="utf-8")
        written.append(place)
    return folder, written


def renamed(text: str, name: str) -> str:
    """The template's words with another name: `acme_chat`, `AcmeChat` in code, and `acme-chat` as a distribution."""
    words = name.split("_")
    class_name = "".join(word.capitalize() for word in words)
    text = text.replace(f"chaskiq-{PLACEHOLDER}", f"chaskiq-{'-'.join(words)}")
    # a header's name takes no underscore
    text = text.replace(f"x-{PLACEHOLDER}-", f"x-{'-'.join(words)}-").replace(f".{PLACEHOLDER}.example", ".example.org")
    return text.replace(PLACEHOLDER.capitalize(), class_name).replace(PLACEHOLDER, name)
