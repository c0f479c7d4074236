"""The rows of inbound messages through the unit, as `inbound` writes them: lock, read, decide, flush."""

from collections.abc import Sequence

from bench.messages import AUDIENCE, DOCUMENT, EVENT, PROVIDER, STREAM, Message, change_payload
from bench.updates import TEXT
from bench.webhooks import ACCOUNT
from chaskiq_core.model import (
    AppUser,
    Conversation,
    ConversationPart,
    Event,
    ExternalProfile,
    InboundItem,
    ItemState,
    LaneKind,
    PartKind,
    PartSource,
    ProfileAlias,
)
from chaskiq_core.model.ids import AppUserId, ConversationId, PartKey
from chaskiq_core.store.unit import Unit


class ItemDoneError(Exception):
    """The bench handed out an item twice."""


def write_messages(unit: Unit, messages: Sequence[Message]) -> None:
    """Mark the items, find and lock whom they are about, add a part with its source, its event and its change."""
    _mark_done(unit, [message.item_id for message in messages])
    people = _lock_people(unit, [message.alias for message in messages])
    conversations = _lock_conversations(unit, [AppUserId(person.id) for person in people.values()])
    sources = []
    for message in messages:
        person = people[message.alias]
        conversation = conversations[AppUserId(person.id)]
        conversation.last_seq += 1
        conversation.updated_at = conversation.latest_user_visible_comment_at = unit.now
        person.last_heard_from_at = unit.now
        part = unit.add(_part(unit, conversation))
        sources.append(_source(unit, part, message))
        unit.add(_event(unit, conversation))
        payload = change_payload(conversation.key, part.key, part.seq, person.key, unit.now)
        unit.publish(STREAM, audience=AUDIENCE, payload=payload)
        unit.wake(LaneKind.JOB, message.lane_key)
    unit.flush()
    unit.claim_all(sources, on=("app_id", "account", "message_key"))


def _mark_done(unit: Unit, ids: Sequence[int]) -> None:
    pending = unit.update(InboundItem).where(InboundItem.id.in_(ids), InboundItem.state == ItemState.PENDING)
    if unit.change(pending.values(state=ItemState.DONE, processed_at=unit.now)) != len(ids):
        raise ItemDoneError


def _lock_people(unit: Unit, aliases: Sequence[str]) -> dict[str, AppUser]:
    statement = (
        unit.select(ProfileAlias, ExternalProfile)
        .join(ExternalProfile, ExternalProfile.id == ProfileAlias.profile_id)
        .where(ProfileAlias.provider == PROVIDER, ProfileAlias.scope == ACCOUNT, ProfileAlias.alias.in_(aliases))
    )
    ids = {alias.alias: profile.app_user_id for alias, profile in unit.rows(statement)}
    people = unit.lock(unit.select(AppUser).where(AppUser.id.in_(sorted(ids.values()))).order_by(AppUser.id))
    by_id = {person.id: person for person in people}
    return {alias: by_id[person_id] for alias, person_id in ids.items()}


def _lock_conversations(unit: Unit, people: Sequence[AppUserId]) -> dict[AppUserId, Conversation]:
    statement = unit.select(Conversation).where(Conversation.main_participant_id.in_(people)).order_by(Conversation.id)
    return {conversation.main_participant_id: conversation for conversation in unit.lock(statement)}


def _part(unit: Unit, conversation: Conversation) -> ConversationPart:
    return ConversationPart(
        app_id=unit.app_id,
        id=unit.new_id(),
        key=PartKey(unit.new_key()),
        conversation_id=ConversationId(conversation.id),
        seq=conversation.last_seq,
        kind=PartKind.CONTENT,
        app_user_id=conversation.main_participant_id,
        agent_id=None,
        content=DOCUMENT,
        text=TEXT,
        event_action=None,
        event_data=None,
        block=None,
        private_note=False,
        unsupported=False,
        client_id=None,
        reply_to_id=None,
        details={},
        created_at=unit.now,
        provider_sent_at=unit.now,
        read_at=None,
        edited_at=None,
        deleted_at=None,
    )


def _source(unit: Unit, part: ConversationPart, message: Message) -> PartSource:
    return PartSource(
        app_id=unit.app_id,
        id=unit.new_id(),
        part_id=part.id,
        integration_id=message.integration_id,
        provider=PROVIDER,
        account=ACCOUNT,
        message_key=message.message_key,
        external_id=message.message_key,
    )


def _event(unit: Unit, conversation: Conversation) -> Event:
    return Event(
        app_id=unit.app_id,
        id=unit.new_id(),
        name=EVENT,
        subject_type="conversation",
        subject_key=conversation.key,
        properties={"seq": conversation.last_seq},
        created_at=unit.now,
    )
