"""Whose parts an actor writes."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.effects import Author
from chaskiq_core.model.ids import AppUserId
from chaskiq_core.staff.agents import find_role
from chaskiq_core.store.unit import Unit


def author_in(unit: Unit, dialogue: Dialogue) -> Author:
    author = acting_author(unit)
    if author is not None:
        return author
    if unit.actor.kind == "person":
        return Author(app_user_id=AppUserId(dialogue.person.id))
    return dialogue.bot_author(unit)


def acting_author(unit: Unit) -> Author | None:
    if unit.actor.kind != "agent":
        return None
    role, agent = find_role(unit, unit.actor.name)
    return Author(agent_id=role.agent_id, is_bot=agent.bot)
