"""What a mail says: its plain text where it has one, else its HTML as a document; beside it, what it carries."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chaskiq_core.plugin import Document, InvalidError, clean_text
from chaskiq_email.markup import document_of_html, plain_of, words_of_html
from chaskiq_email.reading.charsets import decoded
from chaskiq_email.reading.flowed import unflowed
from chaskiq_email.reading.headers import parameters_of
from chaskiq_email.reading.mime import Part
from chaskiq_email.reading.trim import trim_document, trim_text

MAX_TEXT_BYTES = 1_000_000
MAX_CHARACTERS = 100_000
UNREAD = frozenset({"text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext", "text/rtf"})
"""Further looks of what is said already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The words of a mail."""

    text: str = ""
    content: Document | None = None
    """The same with its looks; None: it has none."""
    folded: str = ""
    """The history and the signature below it."""


@dataclass(slots=True, kw_only=True)
class Found:
    """The parts of a mail by what they are for."""

    texts: list[Part] = field(default_factory=list)
    """What is read, in order; plain or HTML."""
    files: list[Part] = field(default_factory=list)
    """What is carried."""


def sort_parts(mail: Part) -> Found:
    """Which parts are read, and which are carried."""
    found = Found()
    _sort(mail, found)
    return found


def read_words(texts: list[Part]) -> Written:
    """The words of the parts that are read, trimmed."""
    htmls = [part for part in texts if part.media_type == "text/html"]
    if len(texts) == 1 and htmls:
        return _rich(texts[0])
    pieces = [_plain(part) if part.media_type != "text/html" else _rich_text(part) for part in texts]
    text = "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip())[:MAX_CHARACTERS]
    trimmed = trim_text(text)
    return Written(text=trimmed.shown, folded=trimmed.folded)


def _sort(part: Part, found: Found) -> None:
    match part.media_type:
        case "multipart/alternative":
            _choose(part, found)
        case "multipart/signed":
            _sort_all(part.children[:1], found)
            found.files += [file for child in part.children[1:] for file in _leaves(child)]
        case "multipart/encrypted":
            found.files += _leaves(part)
        case kind if kind.startswith("multipart/") and part.children:
            _sort_all(part.children, found)
        case "text/plain" | "text/html" if not part.is_attached and not (found.texts and _is_named(part)):
            found.texts.append(part)
        case _:
            found.files.append(part)


def _sort_all(parts: tuple[Part, ...], found: Found) -> None:
    for part in parts:
        _sort(part, found)


def _choose(part: Part, found: Found) -> None:
    """One of the alternatives: the plain text, unless it is blank while another is not; files of all of them."""
    candidates: list[Found] = []
    for child in part.children:
        one = Found()
        _sort(child, one)
        candidates.append(one)
    readable = [one for one in candidates if one.texts]
    plain = [one for one in readable if all(text.media_type == "text/plain" for text in one.texts)]
    spoken = [one for one in (*plain, *reversed(readable)) if any(_says_something(text) for text in one.texts)]
    if spoken:
        found.texts += spoken[0].texts
    for one in candidates:
        found.files += [file for file in one.files if file.media_type not in UNREAD]


def _says_something(part: Part) -> bool:
    text = decoded(part.content(MAX_TEXT_BYTES), part.parameters.get("charset", ""))
    if part.media_type == "text/html":
        if "<img" in text.lower():
            return True
        text = words_of_html(text)
    return bool(text.strip(" \t\r\n\u00a0\u200b\ufeff"))


def _leaves(part: Part) -> Iterator[Part]:
    return (one for one in part.walk() if not one.children)


def _is_named(part: Part) -> bool:
    """Whether a text has a file's name: behind another text it is a file, as some mailers show it inside."""
    disposition = parameters_of(part.headers.first("content-disposition"))
    return bool(part.parameters.get("name") or disposition.get("filename"))


def _plain(part: Part) -> str:
    text = clean_text(decoded(part.content(MAX_TEXT_BYTES), part.parameters.get("charset", "")))
    if part.parameters.get("format", "").lower() == "flowed":
        return unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _html(part: Part) -> str:
    return clean_text(decoded(part.content(MAX_TEXT_BYTES), part.parameters.get("charset", "")))


def _rich(part: Part) -> Written:
    html = _html(part)
    try:
        document = document_of_html(html)
    except InvalidError:
        # Too large or too tangled to read as it looks: its words.
        trimmed = trim_text(words_of_html(html)[:MAX_CHARACTERS])
        return Written(text=trimmed.shown, folded=trimmed.folded)
    cut = trim_document(document)
    return Written(text=plain_of(cut.shown), content=cut.shown, folded=cut.folded)


def _rich_text(part: Part) -> str:
    html = _html(part)
    try:
        return plain_of(document_of_html(html))
    except InvalidError:
        return words_of_html(html)[:MAX_CHARACTERS]
