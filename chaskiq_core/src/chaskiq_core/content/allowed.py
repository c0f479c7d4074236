"""What a link, a media address, a colour and the name of a language may be; each answers the clean value or None."""

import re

MAX_ADDRESS_CHARACTERS = 2_048

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONE_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):.", re.IGNORECASE | re.DOTALL)
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_MEDIA_SCHEMES = frozenset({"http", "https"})
_COLOR = re.compile(r"#[0-9a-f]{3,8}|[a-z]{1,30}|(?:rgb|hsl)a?\([0-9.,%/ ]{1,60}\)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,60}")


def allowed_link(href: str) -> str | None:
    """`href` as a browser sees it, when it is an absolute http, https, mailto or tel address."""
    return _address(href, _LINK_SCHEMES)


def allowed_media_url(url: str) -> str | None:
    """`url` as a browser sees it, when it is an absolute http or https address."""
    return _address(url, _MEDIA_SCHEMES)


def allowed_color(color: str) -> str | None:
    """A CSS colour: #hex, a name, rgb() or hsl(); nothing that could start another declaration."""
    color = color.strip()
    return color if _COLOR.fullmatch(color) else None


def allowed_language(language: str) -> str | None:
    """The name of a programming language: one word."""
    return language if _LANGUAGE.fullmatch(language) else None


def _address(raw: str, schemes: frozenset[str]) -> str | None:
    # Browsers drop tabs and newlines anywhere and trim control characters: "java\nscript:" runs. None is legal anyway.
    address = _LONE_SURROGATES.sub("\ufffd", _CONTROLS.sub("", raw)).strip()
    scheme = _SCHEME.match(address)
    if scheme is None or scheme[1].lower() not in schemes or len(address) > MAX_ADDRESS_CHARACTERS:
        return None
    return address
