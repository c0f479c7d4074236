"""What stands between angle brackets in mrkdwn, in words: mentions, channels, dates, links. Raw ones reach nobody."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_ADDRESS = 2_048

_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Control:
    """A control sequence as it is shown."""

    shown: str
    address: str = ""
    """Where it links to; '' for what is no link, or none that may be followed."""

    @property
    def words(self) -> str:
        """The same as plain text."""
        return beside(self.shown, self.address)


def unescape(text: str) -> str:
    """The three entities of mrkdwn as their characters, once."""
    return _ENTITY.sub(lambda found: _CHARACTERS[found[1]], text) if "&" in text else text


def beside(shown: str, address: str) -> str:
    """A link in plain text: its address behind its label, unless the label says it."""
    bare = address.removeprefix("mailto:")
    return shown if not address or bare in shown else f"{shown} ({bare})"


def read_control(inside: str) -> Control:
    """What stands between `<` and `>`."""
    target, _, label = inside.partition("|")
    target, label = unescape(target), unescape(label)
    match target[:1]:
        case "@":
            return Control(_named("@", label or target[1:]))
        case "#":
            return Control(_named("#", label or target[1:]))
        case "!":
            return _command(target[1:], label)
    if _WEB.fullmatch(target) and len(target) <= MAX_ADDRESS:
        return Control(label or target, target)
    if _MAIL.fullmatch(target) and len(target) <= MAX_ADDRESS:
        return Control(label or target.partition(":")[2], target)
    return Control(label or target or "<>")


def _command(target: str, label: str) -> Control:
    name, _, rest = target.partition("^")
    if name == "date":
        return Control(label or _date(rest))
    return Control(_named("@", label or rest or name))


def _date(rest: str) -> str:
    seconds = rest.partition("^")[0]
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return seconds


def _named(sign: str, name: str) -> str:
    return sign + name.removeprefix(sign)
