"""A text with its looks, and plainly if Telegram can't read them."""

from collections.abc import Awaitable, Callable
from logging import Logger
from typing import TypeVar

from telegram.constants import ParseMode

from chaskiq_core.plugin import ContentError, Piece, clean_text
from chaskiq_telegram.markup import telegram_html

T = TypeVar("T")

UNREADABLE_MARKUP = "can't parse entities"


async def with_looks(piece: Piece, log: Logger, send: Callable[[str, str | None], Awaitable[T]]) -> T:
    """What `send(text, parse_mode)` gives; if our HTML is refused, once more with the bare text."""
    html = telegram_html(piece.content)
    if html is None:
        return await send(clean_text(piece.text), None)
    try:
        return await send(clean_text(html), ParseMode.HTML)
    except ContentError as error:
        if UNREADABLE_MARKUP not in error.message.lower():
            raise
        log.warning("Telegram can't read our HTML, the text goes out without looks: %s", error.message)
    return await send(clean_text(piece.text), None)
