"""Options as an inline keyboard: a button's data is the option's place, as the core wants it back."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from chaskiq_core.plugin import Option

ROW_CHARACTERS = 24
"""What two buttons beside each other may say; more is cut off on a phone."""


def keyboard_of(options: Sequence[Option]) -> InlineKeyboardMarkup | None:
    """The keyboard, short options two in a row; None for no options."""
    rows: list[list[InlineKeyboardButton]] = []
    for n, option in enumerate(options):
        button = InlineKeyboardButton(option.label, callback_data=str(n))
        last = rows[-1] if rows else []
        if len(last) == 1 and len(last[0].text) + len(option.label) <= ROW_CHARACTERS:
            last.append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(rows) if rows else None
