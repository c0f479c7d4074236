"""A handful of acts and builders over the tables, for tests of the seam itself."""

from datetime import datetime

from chaskiq_core.errors import ConflictError
from chaskiq_core.model import (
    App,
    AppUser,
    Conversation,
    ConversationPart,
    ConversationState,
    Integration,
    IntegrationState,
    OnUnknown,
    PartKind,
    PersonKind,
    SubscriptionState,
)
from chaskiq_core.model.ids import AppId, AppKey, AppUserId, ConversationId, ConversationKey, IntegrationId, PartKey
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import HouseUnit, Unit


def insert_app(house: HouseUnit, name: str) -> AppId:
    app = App(
        id=AppId(house.new_id()), key=AppKey(house.new_key()), name=name, settings={}, version=1, created_at=house.now
    )
    return house.add(app).id


def insert_person(unit: Unit, name: str) -> AppUserId:
    person = AppUser(
        app_id=unit.app_id,
        id=unit.new_id(),
        key=unit.new_key(),
        kind=PersonKind.VISITOR,
        name=name,
        email=None,
        phone=None,
        properties={},
        session_id=unit.new_key(),
        subscription_state=SubscriptionState.PASSIVE,
        unread_count=0,
        created_at=unit.now,
        last_heard_from_at=None,
        last_contacted_at=None,
    )
    unit.add(person)
    return AppUserId(person.id)


def insert_integration(unit: Unit, account: str = "acme") -> IntegrationId:
    integration = Integration(
        app_id=unit.app_id,
        id=unit.new_id(),
        key=unit.new_key(),
        provider="test",
        name="test",
        state=IntegrationState.ACTIVE,
        state_reason=None,
        account=account,
        settings={},
        secrets="",
        hook_token_hash=unit.new_key(),
        agent_id=None,
        on_unknown=OnUnknown.FLAG,
        plugin_state={},
        created_at=unit.now,
    )
    unit.add(integration)
    return IntegrationId(integration.id)


def insert_conversation(unit: Unit, person_id: AppUserId) -> ConversationId:
    conversation = Conversation(
        app_id=unit.app_id,
        id=unit.new_id(),
        key=ConversationKey(unit.new_key()),
        state=ConversationState.OPENED,
        priority=False,
        subject=None,
        tags=[],
        assignee_id=None,
        main_participant_id=person_id,
        last_seq=0,
        unread_count=0,
        created_at=unit.now,
        updated_at=unit.now,
        closed_at=None,
        snoozed_until=None,
        first_agent_reply_at=None,
        latest_user_visible_comment_at=None,
    )
    unit.add(conversation)
    return ConversationId(conversation.id)


def start(unit: Unit, name: str) -> ConversationId:
    return insert_conversation(unit, insert_person(unit, name))


def say(unit: Unit, conversation_id: ConversationId, text: str) -> int:
    """The model act: lock, read, decide, write; its part's seq."""
    conversation = unit.lock(unit.select(Conversation).where(Conversation.id == conversation_id))[0]
    conversation.last_seq += 1
    unit.add(a_part(unit, conversation, text))
    unit.publish("events", audience="agents", payload={"text": text, "seq": conversation.last_seq})
    return conversation.last_seq


def say_without_lock(unit: Unit, conversation_id: ConversationId, text: str) -> int:
    """The same act as a careless author would write it: the version column must turn it into a retry."""
    conversation = unit.all(unit.select(Conversation).where(Conversation.id == conversation_id))[0]
    conversation.last_seq += 1
    unit.add(a_part(unit, conversation, text))
    return conversation.last_seq


def refuse_to_say(unit: Unit, conversation_id: ConversationId, text: str) -> int:
    """Writes, then refuses."""
    say(unit, conversation_id, text)
    unit.flush()
    raise ConflictError("changed its mind")


def enqueue(unit: Unit, key: str, due: datetime | None = None) -> bool:
    return unit.enqueue("test", key, {"key": key}, lane_key="jobs", due=due)


def a_part(unit: Unit, conversation: Conversation, text: str) -> ConversationPart:
    return ConversationPart(
        app_id=unit.app_id,
        id=unit.new_id(),
        key=PartKey(unit.new_key()),
        conversation_id=ConversationId(conversation.id),
        seq=conversation.last_seq,
        kind=PartKind.CONTENT,
        app_user_id=conversation.main_participant_id,
        agent_id=None,
        content=None,
        text=text,
        event_action=None,
        event_data=None,
        block=None,
        private_note=False,
        unsupported=False,
        client_id=None,
        reply_to_id=None,
        details={},
        created_at=unit.now,
        provider_sent_at=None,
        read_at=None,
        edited_at=None,
        deleted_at=None,
    )


def texts(unit: Unit, conversation_id: ConversationId) -> list[tuple[int, str]]:
    statement = (
        unit.select(ConversationPart)
        .where(ConversationPart.conversation_id == conversation_id)
        .order_by(ConversationPart.seq)
    )
    return [(part.seq, part.text) for part in unit.all(statement)]


async def an_app(store: Store, name: str = "Acme") -> AppId:
    return await store.house_write(insert_app, name)
