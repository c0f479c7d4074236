"""A person's chat is one chat under any of their ids: events are brought to the id that it is known by here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import text

from chaskiq_core.inbound.prefetch import Arrived
from chaskiq_core.model import ConversationChannel
from chaskiq_core.model.conversations import IS_CURRENT
from chaskiq_core.people.identify import ProfileName, find_other_names
from chaskiq_core.plugin.events import Chat, InboundEvent, MessageReceived, Sender
from chaskiq_core.store.unit import Unit

Place = tuple[int, str, str]
"""An integration, a chat's id and its thread."""


@dataclass(slots=True, kw_only=True)
class _Known:
    """What is known of the ids, and of chats under them."""

    others: dict[ProfileName, tuple[str, ...]]
    chats: set[Place]
    places: dict[Place, str] = field(default_factory=dict)
    """By any id of a person: the one under which the batch keeps their chat."""


def bring_together(unit: Unit, arrived: Sequence[Sequence[Arrived]]) -> list[list[Arrived]]:
    """The events, each chat under one id: its own if that has a conversation, else another of the same person's.

    Three statements for a batch in which chats are people; none for any other.
    """
    everything = [one for some in arrived for one in some]
    names = {name for one in everything for name in _names(one)}
    if not names:
        return [list(some) for some in arrived]
    others = find_other_names(unit, names)
    wanted = {name.alias for name in names} | {alias for several in others.values() for alias in several}
    integrations = {one.integration.id for one in everything}
    statement = unit.select(ConversationChannel).where(
        text(IS_CURRENT),
        ConversationChannel.integration_id.in_(sorted(integrations)),
        ConversationChannel.channel_id.in_(sorted(wanted)),
    )
    chats: set[Place] = {(one.integration_id, one.channel_id, one.thread_id) for one in unit.all(statement)}
    known = _Known(others=others, chats=chats)
    return [[_brought(one, known) for one in some] for some in arrived]


def _brought(one: Arrived, known: _Known) -> Arrived:
    names, chat = _names(one), one.event.chat
    if chat is None or not names:
        return one
    ids = list(
        dict.fromkeys([*(name.alias for name in names), *(o for name in names for o in known.others.get(name, ()))])
    )
    places = [(int(one.integration.id), id_, chat.thread_id) for id_ in ids]
    kept = next((id_ for id_, place in zip(ids, places, strict=True) if place in known.chats), None)
    kept = kept or next((known.places[place] for place in places if place in known.places), chat.channel_id)
    known.places.update((place, kept) for place in places)
    return one if kept == chat.channel_id else replace(one, event=_in_chat(one.event, chat, kept))


def _in_chat(event: InboundEvent, chat: Chat, channel_id: str) -> InboundEvent:
    return replace(event, chat=replace(chat, channel_id=channel_id))


def _names(one: Arrived) -> list[ProfileName]:
    """The ids of the person whose chat it is, the chat's own first; none of a chat that is no person's."""
    chat = one.event.chat
    if chat is None or not chat.is_person:
        return []
    person = _person(one.event)
    ids = one.names(person) if person is not None else []
    own = one.names(Sender(id=chat.channel_id, name=""))
    return [*own, *ids] if not ids or own[0] in ids else own


def _person(event: InboundEvent) -> Sender | None:
    outgoing = isinstance(event, MessageReceived) and event.direction == "out"
    return event.recipient if isinstance(event, MessageReceived) and outgoing else event.sender
