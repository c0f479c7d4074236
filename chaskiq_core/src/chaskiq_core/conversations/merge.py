"""Two contacts who are one person: what one of them has becomes the other's."""

from chaskiq_core.errors import InvalidError
from chaskiq_core.log import record_event
from chaskiq_core.model import (
    AppUser,
    Conversation,
    ConversationPart,
    ExternalProfile,
    Participant,
    PersonKind,
    SubscriptionState,
)
from chaskiq_core.model.ids import AppUserId, ConversationId
from chaskiq_core.realtime.streams import CONTACT, contact_stream
from chaskiq_core.store.unit import Unit

MERGED_INTO = "merged_into"
"""The property of a contact who is another's now: that one's key."""


def merge_people(unit: Unit, source: AppUser, into: AppUser) -> None:
    """Conversations, parts and profiles of `source` are `into`'s from now on; both rows are locked.

    What is known of `into` stays, the rest comes from `source`, which is archived and says where it went. Its own
    listeners are told to come again under the other's stream.
    """
    if source.id == into.id:
        return
    if source.kind is PersonKind.USER:
        raise InvalidError("a user that a site vouches for can't become another contact")
    mine = AppUserId(into.id)
    conversations = unit.lock(
        unit.select(Conversation).where(Conversation.main_participant_id == source.id).order_by(Conversation.id)
    )
    for conversation in conversations:
        conversation.main_participant_id = mine
    _move_participations(unit, source, into)
    unit.change(
        unit.update(ConversationPart).where(ConversationPart.app_user_id == source.id).values(app_user_id=into.id)
    )
    unit.change(
        unit.update(ExternalProfile).where(ExternalProfile.app_user_id == source.id).values(app_user_id=into.id)
    )
    into.email = into.email or source.email
    into.phone = into.phone or source.phone
    into.properties = {**source.properties, **into.properties}
    into.unread_count += source.unread_count
    into.last_heard_from_at = max(filter(None, (into.last_heard_from_at, source.last_heard_from_at)), default=None)
    source.unread_count = 0
    source.subscription_state = SubscriptionState.ARCHIVED
    source.properties = {**source.properties, MERGED_INTO: into.key}
    record_event(unit, "users.merged", subject_type="app_user", subject_key=into.key, properties={"source": source.key})
    unit.publish(contact_stream(source.session_id), audience=CONTACT, payload={"type": "user:refresh", "data": {}})


def _move_participations(unit: Unit, source: AppUser, into: AppUser) -> None:
    """Where both take part, the source's place goes."""
    wanted = (source.id, into.id)
    places: dict[int, set[int]] = {source.id: set(), into.id: set()}
    for place in unit.all(unit.select(Participant).where(Participant.app_user_id.in_(wanted))):
        places[place.app_user_id].add(place.conversation_id)
    unit.change(unit.delete(Participant).where(Participant.app_user_id == source.id))
    for conversation_id in sorted(places[source.id] - places[into.id]):
        unit.add(
            Participant(
                app_id=unit.app_id, conversation_id=ConversationId(conversation_id), app_user_id=AppUserId(into.id)
            )
        )
