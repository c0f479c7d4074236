"""Takes an integration's secrets out of what is kept or logged of a call, in whatever coat they appear."""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus

from chaskiq_core.secrets import MASK

Redact = Callable[[str], str]
PLAIN_CHARACTERS = r"A-Za-z0-9_.~-"
"""What no encoder touches."""
PLAIN = re.compile(f"[{PLAIN_CHARACTERS}]")
AUTHORIZATION = r"(?i:\b(?:basic|bearer)\s+[A-Za-z0-9._~+/=%-]+)"
"""Whoever echoes a header: what stands there is a secret, ours or not."""
SHORTEST_CODED = 4
"""Characters of a secret's base64 that are sure whatever stands around it; fewer would be found everywhere."""
CONTINUED = 1_024
"""How far behind the limit a header is followed."""


class Redactor:
    """Hides some secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        coats = [coat for secret in sorted(secrets, key=len, reverse=True) for coat in _coats(secret)]
        self._pattern = re.compile("|".join([AUTHORIZATION, *(coat.pattern for coat in coats)]))
        self._longest = max([CONTINUED, *(coat.longest for coat in coats)])
        self._anchors = {coat.anchor for coat in coats}

    def __call__(self, text: str) -> str:
        """The text without them."""
        return self.cut(text, len(text))

    def cut(self, text: str, limit: int) -> str:
        """The first `limit` characters of the text without them; one that would be cut in two is hidden, too."""
        shown: list[str] = []
        at = 0
        window = text[: self.reach(limit)]
        if not self._may_hold(window):
            return window[:limit]
        for found in self._pattern.finditer(window):
            if found.start() >= limit:
                break
            shown += (window[at : found.start()], MASK)
            at = found.end()
        shown.append(window[at:limit])
        result = "".join(shown)
        # A mask beside what is left may spell a secret anew, if it was made for that.
        return result if at == 0 or self._pattern.search(result) is None else ""

    def reach(self, limit: int) -> int:
        """How many characters must be seen so that the first `limit` can be shown."""
        return limit + self._longest

    def _may_hold(self, text: str) -> bool:
        """A look that costs a tenth of the pattern's; most texts hold no secret."""
        small = text.lower()
        return "basic" in small or "bearer" in small or any(anchor in text for anchor in self._anchors)

    def hide_in(self, error: Exception) -> None:
        """Rewrite an error's sentence: it is stored, shown and logged."""
        error.args = tuple(self(argument) if isinstance(argument, str) else argument for argument in error.args)
        for name in ("message", "code"):
            if isinstance(told := getattr(error, name, None), str):
                setattr(error, name, self(told))


@lru_cache(maxsize=1_024)
def redactor_of(secrets: frozenset[str]) -> Redactor:
    """The redactor of these secrets, made once: an integration is called often."""
    return Redactor(secret for secret in secrets if secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coat:
    """A way in which a secret may be written."""

    pattern: str
    longest: int
    """Characters of the longest text that it finds."""
    anchor: str
    """What stands in each such text; '' if nothing is sure."""


def _coats(secret: str) -> list[Coat]:
    """The patterns that find a secret."""
    coats = [_pattern_of(secret)]
    for encoding in ("utf-8", "latin-1"):
        try:
            coded = secret.encode(encoding)
        except UnicodeEncodeError:
            continue
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            # Basic authentication puts a user's name in front: three ways to fall into base64's groups.
            for before in range(3):
                sure = alphabet(bytes(before) + coded)[(before * 8 + 5) // 6 : (before + len(coded)) * 8 // 6]
                if len(sure) >= SHORTEST_CODED:
                    coats.append(_pattern_of(sure.decode()))
    return list(dict.fromkeys(coats))


def _pattern_of(text: str) -> Coat:
    """Each character as it is, or as URLs, forms, JSON, HTML and Python write it, also twice over."""
    pattern, longest = [], 0
    for character in text:
        if PLAIN.fullmatch(character):
            pattern.append(character.replace(".", r"\."))
            longest += 1
            continue
        written = {character}
        for _ in range(2):
            written |= {once for one in tuple(written) for once in _written(one)}
        longest += max(map(len, written))
        ordered = sorted(written, key=lambda one: (-len(one), one))
        pattern.append(f"(?:{'|'.join(map(_insensitive, ordered))})")
    anchor = max(re.split(rf"[^{PLAIN_CHARACTERS}]+", text), key=len)
    return Coat(pattern="".join(pattern), longest=longest, anchor=anchor)


def _written(text: str) -> set[str]:
    """The text as encoders write it."""
    written = {
        quote(text, safe="", errors="replace"),
        quote_plus(text, errors="replace"),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        html.escape(text),
        repr(text)[1:-1],
        re.sub("(['\"/])", r"\\\1", text),
        "".join(f"\\u{ord(one):04x}" if ord(one) < 0x1_0000 and not one.isalnum() else one for one in text),
    }
    if not text.isascii():
        # What was written as Latin-1 and read as UTF-8, or the other way round.
        written |= {quote(text, safe="", encoding="latin-1", errors="replace")}
        written |= {text.encode("utf-8", "replace").decode("latin-1")}
        written |= {text.encode("latin-1", "replace").decode("utf-8", "replace")}
    return written


def _insensitive(text: str) -> str:
    """Hexadecimal digits of an escape may be small or capital."""
    escaped = re.escape(text)
    return f"(?i:{escaped})" if "%" in text or "\\" in text else escaped
