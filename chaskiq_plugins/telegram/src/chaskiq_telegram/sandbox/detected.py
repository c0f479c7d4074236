"""The entities Telegram finds by itself in any text: commands, mentions, hashtags, addresses. Part of its rules."""

import re

from chaskiq_telegram.sandbox.formatted import Entity, FormattedText, ordered, utf16_length

PATTERNS = {
    "url": re.compile(r"""(?<![\w@.])(?:https?://[^\s<>"']+|www\.[^\s<>"']+)""", re.IGNORECASE),
    "email": re.compile(r"(?<![\w.@+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?![\w@])"),
    "mention": re.compile(r"(?<![\w@/.])@[A-Za-z]\w{3,31}(?![\w@])", re.ASCII),
    "bot_command": re.compile(r"(?<![\w/<>.])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/])", re.ASCII),
    "hashtag": re.compile(r"(?<![\w#&])#(?=\w*[^\W\d_])\w{1,256}"),
}
TRAILING = ".,:;!?)]}…"
TAKEN = frozenset({"code", "pre", "text_link", "text_mention", "url", "email", "mention", "bot_command", "hashtag"})


def with_detected(formatted: FormattedText) -> FormattedText:
    """The text with its detectable entities added where no code, link or mention stands already."""
    text = formatted.text
    entities = list(formatted.entities)
    for kind, pattern in PATTERNS.items():
        for found in pattern.finditer(text):
            matched = found[0].rstrip(TRAILING)
            entity = Entity(type=kind, offset=utf16_length(text[: found.start()]), length=utf16_length(matched))
            if not any(_overlaps(entity, other) for other in entities if other.type in TAKEN):
                entities.append(entity)
    return FormattedText(text, ordered(entities))


def _overlaps(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end
