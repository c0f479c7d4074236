"""A webhook's JSON with nobody in it: the same shape, lengths and equalities, other names, words and ids. Pure."""

import hashlib
import re
from collections.abc import Mapping

STRUCTURAL = frozenset(
    {
        "type",
        "kind",
        "status",
        "mime_type",
        "language_code",
        "language",
        "emoji",
        "object",
        "field",
        "event",
        "subtype",
        "messaging_product",
        "currency",
        "action",
    }
)
"""Keys whose short words say what something is, not who or what is meant."""
SMALL = 10_000
"""Whole numbers below it are counts, sizes and places; those above are taken for ids."""
PERSONS = frozenset({"id", "user_id", "chat_id", "from_id", "wa_id"})
"""Keys whose numbers are ids however small they are."""
EARLIEST, LATEST = 946_684_800, 4_102_444_800
"""2000 to 2100 in Unix seconds: what stands under a name of a time, and lies between them, is one."""
_WORD = re.compile(r"[\w./+-]{1,64}")
_TIME = re.compile(r"date|time|(^|_)ts$|(^|_)at$", re.IGNORECASE)
_DIGITS = re.compile(r"-?[0-9]{5,20}", re.ASCII)


def anonymise(value: object, *, salt: str, key: str = "") -> object:
    """The value with its texts and ids replaced; equal ones stay equal. A salt that is thrown away makes it final.

    Texts keep their length, their blanks, punctuation and symbols, so that offsets into them still fit.
    """
    match value:
        case Mapping():
            return {name: anonymise(inner, salt=salt, key=str(name)) for name, inner in value.items()}
        case list():
            return [anonymise(inner, salt=salt, key=key) for inner in value]
        case bool() | None:
            return value
        case int():
            is_count = abs(value) < SMALL and key not in PERSONS
            return value if is_count or _is_time(key, value) else int(_number(str(value), salt))
        case float():
            return round(value, 1)
        case str():
            return _text(value, key, salt)
        case _:
            return None


def _text(text: str, key: str, salt: str) -> str:
    if key in STRUCTURAL and (_WORD.fullmatch(text) or not any(character.isalnum() for character in text)):
        return text
    if _DIGITS.fullmatch(text):
        number = int(text)
        return text if _is_time(key, number) else _number(text, salt)
    stream = _stream(text, salt)
    return "".join(_other(character, stream[n % len(stream)]) for n, character in enumerate(text))


def _other(character: str, chance: int) -> str:
    """Another character of the same kind and width."""
    if character.isdigit():
        return str(chance % 10)
    if not character.isalpha():
        return character
    if ord(character) > 0xFFFF:
        return "\U00010400"  # a letter that counts twice in UTF-16, too
    other = chr(ord("a") + chance % 26)
    return other.upper() if character.isupper() else other


def _number(digits: str, salt: str) -> str:
    """As many digits, the same sign; a group's leading 100 stays, by which Telegram tells kinds of chats apart."""
    sign = "-" if digits.startswith("-") else ""
    bare = digits.removeprefix("-")
    kept = bare[:3] if sign and bare.startswith("100") and len(bare) > 10 else ""
    stream = _stream(bare, salt)
    made = "".join(str(byte % 10) for byte in stream)[: len(bare) - len(kept)].ljust(len(bare) - len(kept), "7")
    return sign + (kept + made if kept else ("1" if made[0] == "0" else made[0]) + made[1:])


def _stream(text: str, salt: str) -> bytes:
    return hashlib.blake2b(f"{salt}\n{text}".encode("utf-8", "replace"), digest_size=32).digest()


def _is_time(key: str, number: int) -> bool:
    return _TIME.search(key) is not None and EARLIEST <= number <= LATEST
