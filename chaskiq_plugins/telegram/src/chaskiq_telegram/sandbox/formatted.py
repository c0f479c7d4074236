"""Text with its entities, measured in UTF-16 code units as Telegram does; cleaning, ordering and slicing are pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chaskiq_core.testing.sandbox import JsonObject

VERBATIM = frozenset({"code", "pre"})  # nothing else may stand inside these
UNSEEN = re.compile("[\u2028-\u202e\r]")
CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
SPACE = " \n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A span of a text and what it means."""

    type: str  # Telegram's name, such as bold or text_link
    offset: int  # UTF-16 code units from the start of the text
    length: int  # UTF-16 code units
    url: str | None = None  # of a text_link
    language: str | None = None  # of a pre
    custom_emoji_id: str | None = None  # of a custom_emoji
    user_id: int | None = None  # of a text_mention; the API shows the whole user
    unix_time: int | None = None  # of a date_time
    date_time_format: str | None = None  # of a date_time

    @property
    def end(self) -> int:
        return self.offset + self.length

    def as_json(self) -> JsonObject:
        """The entity as the Bot API shows it; a text_mention gets its user from whoever knows people."""
        shown: JsonObject = {"offset": self.offset, "length": self.length, "type": self.type}
        details: JsonObject = {
            "url": self.url,
            "language": self.language,
            "custom_emoji_id": self.custom_emoji_id,
            "unix_time": self.unix_time,
            "date_time_format": self.date_time_format,
        }
        return shown | {name: detail for name, detail in details.items() if detail is not None}


@dataclass(frozen=True, slots=True)
class FormattedText:
    """A text and its entities, in order."""

    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    """How many UTF-16 code units the text takes."""
    return len(text) + sum(character > "\uffff" for character in text)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of the text at this place in UTF-16 code units."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[offset * 2 : (offset + length) * 2].decode("utf-16-le", "surrogatepass")


def clean(formatted: FormattedText) -> FormattedText:
    """The text as Telegram keeps it: no control or direction characters, trimmed, the entities moved along."""
    text = formatted.text
    spaced = CONTROL.sub(" ", text)
    visible = UNSEEN.sub("", spaced)
    if visible == text and visible == visible.strip(SPACE):
        return FormattedText(text, ordered(formatted.entities))
    begin = len(visible) - len(visible.lstrip(SPACE))
    end = max(begin, len(visible.rstrip(SPACE)))
    moved: list[int] = []
    seen = units = 0
    for character in spaced:
        width = utf16_length(character)
        moved.extend([units] * width)
        if not UNSEEN.match(character):
            units += width if begin <= seen < end else 0
            seen += 1
    moved.append(units)
    kept = []
    for entity in formatted.entities:
        start, stop = (moved[min(place, len(moved) - 1)] for place in (entity.offset, entity.end))
        if stop > start:
            kept.append(replace(entity, offset=start, length=stop - start))
    return FormattedText(visible[begin:end], ordered(kept))


def ordered(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """By place, the longer first; nothing inside code and pre."""
    verbatim = [entity for entity in entities if entity.type in VERBATIM]

    def is_inside_verbatim(entity: Entity) -> bool:
        return entity.type not in VERBATIM and any(
            outer.offset <= entity.offset and entity.end <= outer.end for outer in verbatim
        )

    kept = [entity for entity in entities if not is_inside_verbatim(entity)]
    return tuple(sorted(kept, key=lambda entity: (entity.offset, -entity.length)))
