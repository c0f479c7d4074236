"""Bytes as text, by the charset that they are said to be in, or the one that they look like."""

import codecs

from chaskiq_core.plugin import clean_string

FOR = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
}
"""What mailers mean by a name, as browsers read it."""
NOT_FOR_MAIL = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
"""Codecs of Python that are no charset, one of them with a cost that grows with the square."""


def decoded(raw: bytes, charset: str) -> str:
    """The text: in its charset, else as UTF-8, else as cp1252; what fits nowhere is U+FFFD."""
    name = FOR.get(charset.strip().lower().strip("\"'"), charset.strip().lower().strip("\"'"))
    for candidate in (name, "utf-8"):
        if _is_charset(candidate):
            try:
                return clean_string(raw.decode(candidate))
            except (UnicodeError, ValueError):
                continue
    if _is_charset(name) and name not in ("utf-8", "utf8"):
        return clean_string(raw.decode(name, "replace"))
    return clean_string(raw.decode("cp1252", "replace"))


def _is_charset(name: str) -> bool:
    if not name or not name.isascii() or len(name) > 40:
        return False
    try:
        found = codecs.lookup(name)
        return found.name not in NOT_FOR_MAIL and isinstance(b"  ".decode(found.name, "ignore"), str)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return False
