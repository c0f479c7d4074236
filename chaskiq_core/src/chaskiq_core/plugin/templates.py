"""Templates: messages that a provider has approved, with places to fill; the only ones it takes outside its window."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chaskiq_core.errors import InvalidError

HeaderMedia: TypeAlias = Literal["image", "video", "file"]
"""What may stand above a template."""
ButtonKind: TypeAlias = Literal["quick_reply", "url", "phone", "copy_code", "other"]
"""What a press of a template's button does."""
Given: TypeAlias = Sequence[str] | Mapping[str, str]
"""What is filled in: in order, or by name."""
Values: TypeAlias = tuple[tuple[str, str], ...]
"""Place and text, in the order of the places."""
MAX_VALUE = 1024

_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,64})\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateButton:
    """A button under a template."""

    kind: ButtonKind
    text: str
    url: str = ""
    """Where it leads; it may have a place."""

    @property
    def needs_value(self) -> bool:
        """Whether it can't be sent without one: the end of its address, or the code that it copies."""
        return self.kind == "copy_code" or bool(places_in(self.url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template as the provider knows it; `{{1}}` or `{{name}}` in its texts is a place to fill."""

    name: str
    language: str
    category: str
    """The provider's word: utility, marketing, authentication."""
    body: str
    header: str = ""
    header_media: HeaderMedia | None = None
    """The kind of file that must stand above it."""
    footer: str = ""
    buttons: tuple[TemplateButton, ...] = ()
    named: bool = False
    """Whether its places have names; otherwise they are numbered."""
    problem: str | None = None
    """Why it can't be sent; None: it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonValue:
    """What a button was given."""

    index: int
    kind: ButtonKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingTemplate:
    """A template on its way out, filled; its header's file is the piece's only one."""

    name: str
    language: str
    named: bool = False
    header: Values = ()
    body: Values = ()
    buttons: tuple[ButtonValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTemplate:
    """A filled template, and what the contact will read."""

    outgoing: OutgoingTemplate
    text: str
    header_media: HeaderMedia | None = None


def places_in(text: str) -> tuple[str, ...]:
    """The names of the places in a text, each once, in order.

    >>> places_in("Dear {{name}}, {{day}} or {{day}}?")
    ('name', 'day')
    """
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def fill_template(
    template: Template, *, body: Given = (), header: Given = (), buttons: Mapping[int, str] | None = None
) -> FilledTemplate:
    """The template with its places filled; InvalidError names what is missing, or too much."""
    if template.problem is not None:
        raise InvalidError(f"template: {template.name} can't be sent: {template.problem}")
    values = _values("parameters", template.body, body)
    above = _values("header_parameters", template.header, header)
    given = buttons or {}
    if strange := sorted(index for index in given if not 0 <= index < len(template.buttons)):
        raise InvalidError(f"buttons: the template has no button {strange[0]}")
    filled: list[ButtonValue] = []
    for index, button in enumerate(template.buttons):
        value = given.get(index, "").strip()[:MAX_VALUE]
        if button.needs_value and not value:
            raise InvalidError(f"buttons: button {index}, {button.text}, needs a value")
        if value:
            filled.append(ButtonValue(index=index, kind=button.kind, value=value))
    told = [_filled(template.header, above), _filled(template.body, values), template.footer]
    told.append("\n".join(f"[{button.text}]" for button in template.buttons))
    return FilledTemplate(
        outgoing=OutgoingTemplate(
            name=template.name,
            language=template.language,
            named=template.named,
            header=above,
            body=values,
            buttons=tuple(filled),
        ),
        text="\n\n".join(part.strip() for part in told if part.strip()),
        header_media=template.header_media,
    )


def _values(where: str, text: str, given: Given) -> Values:
    places = places_in(text)
    if isinstance(given, Mapping):
        named = {str(name): value for name, value in given.items()}
    else:
        if len(given) != len(places):
            raise InvalidError(f"{where}: the template has {len(places)} places, {len(given)} were given")
        named = dict(zip(places, given, strict=True))
    if named.keys() != set(places):
        missing = [place for place in places if place not in named] or sorted(named.keys() - set(places))
        raise InvalidError(f"{where}: the places are {', '.join(places) or 'none'}; see {missing[0]}")
    if blank := [place for place in places if not named[place].strip()]:
        raise InvalidError(f"{where}: {blank[0]} is blank")
    return tuple((place, named[place].strip()[:MAX_VALUE]) for place in places)


def _filled(text: str, values: Values) -> str:
    named = dict(values)
    return _PLACE.sub(lambda found: named.get(found[1], found[0]), text)
