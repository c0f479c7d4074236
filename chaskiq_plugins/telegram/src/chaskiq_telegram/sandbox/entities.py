"""HTML parse mode: Telegram's exact subset of tags to text and entities. Pure; refuses what Telegram refuses."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from chaskiq_telegram.sandbox.errors import BotApiError, bad_request
from chaskiq_telegram.sandbox.formatted import Entity, FormattedText, ordered, utf16_length

SIMPLE_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
TAGS = SIMPLE_TAGS.keys() | {"a", "code", "pre", "blockquote", "tg-emoji", "tg-time"}
LONGEST_REFERENCE = 10  # Telegram leaves a longer numeric reference as it stands
NAMED_REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

SPACES = re.compile(r"[ \t\r\n\v\0]*")
TAG_NAME = re.compile(r"[^ \t\r\n\v\0>]*")
ATTRIBUTE_NAME = re.compile(r"""[^ \t\r\n\v\0=>/"']*""")
NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
TOKEN_END = re.compile(r"[ \t\r\n\v\0>]")
REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]*)|#(?P<decimal>[0-9]*)|(?P<name>[A-Za-z]*))(?P<end>;?)")
PLAIN = re.compile(r"[^&<]+")
USER_LINK = re.compile(r"tg://user\?id=(\d+)", re.IGNORECASE)
EMOJI_ID = re.compile(r"[1-9][0-9]{0,18}")
UNIX_TIME = re.compile(r"[0-9]{1,10}")
SURROGATE = re.compile("[\ud800-\udfff]")


def parse_html(source: str) -> FormattedText:
    """The plain text and its entities, not yet trimmed; BotApiError names what is wrong and at which byte."""
    parsing = _Parsing(source)
    at = 0
    while at < len(source):
        if plain := PLAIN.match(source, at):
            parsing.add(plain[0])
            at = plain.end()
        elif source[at] == "&":
            character, at = _dereference(source, at)
            parsing.add(character)
        elif source.startswith("/", at + 1):
            at = _read_end_tag(parsing, at)
        else:
            at = _read_start_tag(parsing, at)
    if parsing.open:
        raise _refusal(f'Can\'t find end tag corresponding to start tag "{parsing.open[-1].name}"')
    text = "".join(parsing.pieces)
    if SURROGATE.search(text):
        raise _refusal("Text contains invalid Unicode characters after decoding HTML entities")
    # a language counts only where the code stands in a pre
    entities = [replace(entity, language=None) if entity.type == "code" else entity for entity in parsing.entities]
    return FormattedText(text, ordered(entities))


@dataclass(slots=True)
class _OpenTag:
    """A tag whose end has not come yet."""

    name: str
    attributes: dict[str, str]
    offset: int  # in the result, UTF-16 code units
    pieces_before: int


@dataclass(slots=True)
class _Parsing:
    """What has been read so far."""

    source: str
    pieces: list[str] = field(default_factory=list)
    length: int = 0  # of the pieces, UTF-16 code units
    open: list[_OpenTag] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += utf16_length(text)

    def refuse(self, what: str, at: int, rest: str = "") -> BotApiError:
        # Telegram counts the bytes of UTF-8, not characters
        place = len(self.source[:at].encode("utf-8", "surrogatepass"))
        return _refusal(f"{what} at byte offset {place}{rest}")


def _refusal(reason: str) -> BotApiError:
    return bad_request(f"can't parse entities: {reason}")


def _dereference(source: str, at: int) -> tuple[str, int]:
    """The character that a reference at this place stands for, or the ampersand itself, and the place behind it."""
    found = REFERENCE.match(source, at)
    if not found:
        return "&", at + 1
    if found["name"] is not None:
        character = NAMED_REFERENCES.get(found["name"])
        return (character, found.end()) if character else ("&", at + 1)
    if found.end() - len(found["end"]) - at >= LONGEST_REFERENCE:
        return "&", at + 1
    digits, base = (found["hex"], 16) if found["hex"] is not None else (found["decimal"], 10)
    code = int(digits or "0", base)
    if not 0 < code < 0x10FFFF:
        return "&", at + 1
    return chr(code), found.end()


def _read_start_tag(parsing: _Parsing, begin: int) -> int:
    """Open the tag that begins here; the place behind it."""
    source = parsing.source
    at = _end_of(TAG_NAME, source, begin + 1)
    if at == len(source):
        raise parsing.refuse("Unclosed start tag", begin)
    name = source[begin + 1 : at].lower()
    if name not in TAGS:
        raise parsing.refuse(f'Unsupported start tag "{name}"', begin)
    attributes: dict[str, str] = {}
    while True:
        at = _end_of(SPACES, source, at)
        if source.startswith(">", at):
            break
        at = _read_attribute(parsing, name, attributes, at, begin)
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise parsing.refuse('Tag "span" must have class "tg-spoiler"', begin)
    parsing.open.append(_OpenTag(name, attributes, parsing.length, len(parsing.pieces)))
    return at + 1


def _read_attribute(parsing: _Parsing, tag: str, attributes: dict[str, str], at: int, begin: int) -> int:
    """Add the attribute that begins here; the place behind it."""
    source = parsing.source
    name_end = _end_of(ATTRIBUTE_NAME, source, at)
    name = source[at:name_end]
    if not name and name_end < len(source):
        raise parsing.refuse(f'Empty attribute name in the tag "{tag}"', begin)
    at = _end_of(SPACES, source, name_end)
    if at < len(source) and source[at] != "=":
        attributes[name] = ""
        return at
    at = _end_of(SPACES, source, at + 1)
    if at >= len(source):
        raise parsing.refuse(f'Unclosed start tag "{tag}"', begin)
    if source[at] in "\"'":
        value, at = _read_quoted(source, at)
    else:
        token_begin, at = at, _end_of(NAME_TOKEN, source, at)
        value = source[token_begin:at].lower()
        if at < len(source) and not TOKEN_END.match(source, at):
            raise parsing.refuse("Unexpected end of name token", token_begin)
    if at >= len(source):
        raise parsing.refuse("Unclosed start tag", begin)
    attributes[name] = value
    return at


def _read_quoted(source: str, at: int) -> tuple[str, int]:
    """The value between two like quotes and the place behind the second one, or the end of the source."""
    quote, at = source[at], at + 1
    value: list[str] = []
    while at < len(source) and source[at] != quote:
        character, at = _dereference(source, at) if source[at] == "&" else (source[at], at + 1)
        value.append(character)
    return "".join(value), min(at + 1, len(source))


def _read_end_tag(parsing: _Parsing, begin: int) -> int:
    """Close the innermost tag, which must be this one; the place behind it."""
    source = parsing.source
    if not parsing.open:
        raise parsing.refuse("Unexpected end tag", begin)
    name_end = _end_of(TAG_NAME, source, begin + 2)
    name = source[begin + 2 : name_end].lower()
    at = _end_of(SPACES, source, name_end)
    if not source.startswith(">", at):
        raise parsing.refuse("Unclosed end tag", begin)
    tag = parsing.open.pop()
    # Telegram takes "</>" for the end of whatever is open
    if name not in ("", tag.name):
        raise parsing.refuse("Unmatched end tag", begin, f', expected "</{tag.name}>", found "</{name}>"')
    if parsing.length > tag.offset:
        _close(parsing, tag)
    return at + 1


def _close(parsing: _Parsing, tag: _OpenTag) -> None:
    """Add the entity of a tag that holds some text."""
    offset, length = tag.offset, parsing.length - tag.offset
    if kind := SIMPLE_TAGS.get(tag.name):
        parsing.entities.append(Entity(type=kind, offset=offset, length=length))
    elif tag.name in ("code", "pre"):
        _close_verbatim(parsing, tag, offset, length)
    elif tag.name == "blockquote":
        kind = "expandable_blockquote" if "expandable" in tag.attributes else "blockquote"
        parsing.entities.append(Entity(type=kind, offset=offset, length=length))
    elif tag.name == "tg-emoji":
        emoji_id = tag.attributes.get("emoji-id", "")
        if not EMOJI_ID.fullmatch(emoji_id):
            raise _refusal("Invalid custom emoji identifier specified")
        parsing.entities.append(Entity(type="custom_emoji", offset=offset, length=length, custom_emoji_id=emoji_id))
    elif tag.name == "tg-time":
        parsing.entities.append(_time_entity(tag, offset, length))
    elif link := _link_entity(tag, "".join(parsing.pieces[tag.pieces_before :]), offset, length):
        parsing.entities.append(link)


def _close_verbatim(parsing: _Parsing, tag: _OpenTag, offset: int, length: int) -> None:
    """code and pre; one directly in the other makes a pre with the code's language."""
    css_class = tag.attributes.get("class", "") if tag.name == "code" else ""
    language = css_class.removeprefix("language-") if css_class.startswith("language-") else None
    last = parsing.entities[-1] if parsing.entities else None
    if last and (last.offset, last.length) == (offset, length) and {last.type, tag.name} == {"code", "pre"}:
        parsing.entities.pop()
        language = language or last.language
        parsing.entities.append(Entity(type="pre", offset=offset, length=length, language=language))
        return
    parsing.entities.append(Entity(type=tag.name, offset=offset, length=length, language=language))


def _time_entity(tag: _OpenTag, offset: int, length: int) -> Entity:
    unix_time = tag.attributes.get("unix", "")
    if not UNIX_TIME.fullmatch(unix_time):
        raise _refusal("Invalid date specified")
    form = tag.attributes.get("format")
    return Entity(type="date_time", offset=offset, length=length, unix_time=int(unix_time), date_time_format=form)


def _link_entity(tag: _OpenTag, content: str, offset: int, length: int) -> Entity | None:
    """A link, a mention of a person, or nothing: Telegram quietly drops an address it can't use."""
    address = tag.attributes.get("href") or content
    if person := USER_LINK.fullmatch(address):
        return Entity(type="text_mention", offset=offset, length=length, user_id=int(person[1]))
    url = _checked_url(address)
    return Entity(type="text_link", offset=offset, length=length, url=url) if url else None


def _checked_url(address: str) -> str | None:
    """The address as Telegram stores it: with a scheme and a path; None for what is no link."""
    address = address.strip()
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme.lower() in ("tg", "ton", "tonsite"):
        return address
    if parts.scheme.lower() not in ("http", "https") or "." not in host or " " in address:
        return None
    netloc = parts.netloc.lower()
    return parts._replace(scheme=parts.scheme.lower(), netloc=netloc, path=parts.path or "/").geturl()


def _end_of(pattern: re.Pattern[str], source: str, at: int) -> int:
    """Where a pattern that matches anything, even nothing, stops."""
    found = pattern.match(source, at)
    return found.end() if found else at
