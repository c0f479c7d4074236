"""Changing a conversation itself: each change is written once, told, and leaves an event part."""

from datetime import datetime

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.mirrors import show_in_mirrors
from chaskiq_core.conversations.observers import call_observers
from chaskiq_core.conversations.show import load_conversations
from chaskiq_core.effects import AddPart, Author, Effect, EventAction
from chaskiq_core.errors import ForbiddenError
from chaskiq_core.log import record_event
from chaskiq_core.model import ConversationState, JsonObject
from chaskiq_core.model.ids import AgentId
from chaskiq_core.presenters.conversations import publish_state
from chaskiq_core.staff.agents import find_role
from chaskiq_core.store.unit import Unit

WAKE_JOB = "wake"
"""The Job that opens a snoozed conversation again."""


def assign(unit: Unit, dialogue: Dialogue, agent_id: AgentId | None, *, by_plugin: str | None) -> list[Effect]:
    """Another assignee, or none; nothing happens if it is so already."""
    conversation = dialogue.conversation
    if conversation.assignee_id == agent_id:
        return []
    agent = dialogue.agent(unit, agent_id) if agent_id is not None else None
    if agent is not None and agent.disabled_at is not None:
        raise ForbiddenError(f"agent {agent.email} is disabled and can't be assigned")
    conversation.assignee_id = agent_id
    if agent is None:
        return _changed(unit, dialogue, EventAction.UNASSIGNED, {}, "conversation_assigned", by_plugin)
    data: JsonObject = {"id": str(agent.id), "name": agent.name, "email": agent.email}
    return _changed(unit, dialogue, EventAction.ASSIGNED, data, "conversation_assigned", by_plugin)


def close(unit: Unit, dialogue: Dialogue, *, by_plugin: str | None) -> list[Effect]:
    """Closed from now on."""
    conversation = dialogue.conversation
    if conversation.state is ConversationState.CLOSED:
        return []
    conversation.state = ConversationState.CLOSED
    conversation.closed_at = unit.now
    conversation.snoozed_until = None
    return _changed(unit, dialogue, EventAction.CLOSED, {}, "conversation_state_changed", by_plugin)


def reopen(unit: Unit, dialogue: Dialogue, *, by_plugin: str | None) -> list[Effect]:
    """Open again."""
    conversation = dialogue.conversation
    if conversation.state is ConversationState.OPENED:
        return []
    conversation.state = ConversationState.OPENED
    conversation.closed_at = conversation.snoozed_until = None
    return _changed(unit, dialogue, EventAction.REOPENED, {}, "conversation_state_changed", by_plugin)


def snooze(unit: Unit, dialogue: Dialogue, until: datetime, *, by_plugin: str | None) -> list[Effect]:
    """Put aside until then; a Job opens it again, unless another time was set meanwhile."""
    conversation = dialogue.conversation
    if conversation.state is ConversationState.SNOOZED and conversation.snoozed_until == until:
        return []
    conversation.state = ConversationState.SNOOZED
    conversation.snoozed_until = until
    conversation.closed_at = None
    payload: JsonObject = {"conversation": conversation.key, "until": until.isoformat()}
    unit.enqueue(WAKE_JOB, f"snooze/{conversation.key}/{unit.new_key()}", payload, due=until)
    data: JsonObject = {"until": until.isoformat()}
    return _changed(unit, dialogue, EventAction.SNOOZED, data, "conversation_state_changed", by_plugin)


def prioritize(unit: Unit, dialogue: Dialogue, *, on: bool) -> list[Effect]:
    """Before the others, or not any more."""
    conversation = dialogue.conversation
    if conversation.priority is on:
        return []
    conversation.priority = on
    return _changed(unit, dialogue, EventAction.PRIORITIZED, {"on": on}, None, None)


def set_field(dialogue: Dialogue, name: str, value: str | int | float | bool | None) -> None:
    """A field of the main participant: a column of that name, else a property."""
    person = dialogue.person
    text = None if value is None else str(value)
    match name:
        case "name":
            person.name = (text or "").strip()[:200] or person.name
        case "email":
            person.email = text
        case "phone":
            person.phone = text
        case _:
            person.properties = {**person.properties, name: value}


def failed(reason: str) -> AddPart:
    """An event part that says what did not work, to agents only."""
    return AddPart(event=EventAction.FAILED, event_data={"reason": reason})


def _changed(
    unit: Unit, dialogue: Dialogue, action: EventAction, data: JsonObject, hook: str | None, by_plugin: str | None
) -> list[Effect]:
    conversation = dialogue.conversation
    conversation.updated_at = unit.now
    record_event(
        unit,
        f"conversations.{action.value}",
        subject_type="conversation",
        subject_key=conversation.key,
        properties=data,
    )
    [rows] = load_conversations(unit, [conversation], changed=True, dialogue=dialogue)
    publish_state(unit, rows)
    show_in_mirrors(unit, dialogue)
    if hook is not None:
        call_observers(unit, hook, conversation, subject=unit.new_key(), by_plugin=by_plugin)
    return [AddPart(event=action, event_data=data or None, author=_actor(unit))]


def _actor(unit: Unit) -> Author | None:
    """The agent who asked; None (the App's bot) for everyone else."""
    if unit.actor.kind != "agent":
        return None
    role, _ = find_role(unit, unit.actor.name)
    return Author(agent_id=role.agent_id)
