"""A part as agents read it in a mirror: who wrote it stands before it, and nothing in it can be pressed."""

from chaskiq_core.content import Document, Mark, MarkKind, Paragraph, Text, document_from_text
from chaskiq_core.fitting.fit import Message, numbered
from chaskiq_core.model import AppUser, ConversationPart
from chaskiq_core.model.ids import AgentId
from chaskiq_core.outbound.message import read_message
from chaskiq_core.staff.agents import load_agents
from chaskiq_core.store.unit import Unit

NOTE = "internal note"
_BOLD = frozenset({Mark(kind=MarkKind.BOLD)})


def read_mirrored(unit: Unit, part: ConversationPart) -> Message:
    """The part with its author's name; choices are numbered lines."""
    message = read_message(unit, part)
    name = _author_name(unit, part)
    title = [Text(text=name, marks=_BOLD)] if name else []
    if part.private_note:
        title.append(Text(text=f" ({NOTE})"))
    choices = document_from_text(numbered(message.options)).blocks
    blocks = (Paragraph(inlines=tuple(title)), *message.content.blocks, *choices)
    return Message(content=Document(blocks=blocks), files=message.files)


def _author_name(unit: Unit, part: ConversationPart) -> str:
    if part.agent_id is not None:
        agents = load_agents(unit, [AgentId(part.agent_id)])
        return next((agent.name for agent in agents.values()), "")
    person = unit.first(unit.select(AppUser).where(AppUser.id == part.app_user_id))
    return person.name if person else ""
