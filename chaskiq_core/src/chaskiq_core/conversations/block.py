"""Blocks that ask for something: which answer was chosen, and that it was."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.edit import publish_again
from chaskiq_core.model import ConversationPart
from chaskiq_core.plugin.blocks import options_of
from chaskiq_core.plugin.outbound import Option
from chaskiq_core.store.unit import Unit

REPLIED = "replied"


def find_option(part: ConversationPart, data: str | None) -> Option | None:
    """The option whose button carries this data: its place in the block, as `Piece.options` says."""
    options = options_of(part.block) if part.block else ()
    if data is None or not (data.isascii() and data.isdigit() and len(data) <= 4):
        return None
    return options[int(data)] if int(data) < len(options) else None


def is_answered(part: ConversationPart) -> bool:
    """Whether the block was answered."""
    return part.block is not None and part.block.get("state") == REPLIED


def answer_block(unit: Unit, dialogue: Dialogue, part: ConversationPart, chosen: Option) -> None:
    """Keep the answer in the block."""
    part.block = {**(part.block or {}), "state": REPLIED, "values": {"id": chosen.id, "label": chosen.label}}
    publish_again(unit, dialogue, part)
