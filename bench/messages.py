"""The messages of `message_rows`: contacts that are known already write on, each in a conversation of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.updates import CHATS, TEXT
from bench.webhooks import ACCOUNT, WebhookSource, install_source, lane_of
from chaskiq_core.model import ExternalProfile, JsonObject, ProfileAlias
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.store.ledgers import Arrival
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.house_acts import insert_conversation, insert_person

PROVIDER = "telegram"
EVENT = "conversations.user.commented"
STREAM = "events"
AUDIENCE = "agents"
DOCUMENT: JsonObject = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": TEXT}]}]}


@dataclass(frozen=True, slots=True)
class Message:
    """What an item was parsed to: who wrote, and under which key; the text is always the same."""

    app_id: AppId
    integration_id: IntegrationId
    item_id: int
    alias: str
    message_key: str
    lane_key: str


def message_in(arrival: Arrival) -> Message:
    """The message in a webhook; a chat is one contact's, so its lane names them."""
    item = arrival.items[0]
    return Message(
        app_id=arrival.app_id,
        integration_id=arrival.integration_id,
        item_id=item.id,
        alias=item.lane_key,
        message_key=item.dedupe_key,
        lane_key=item.lane_key,
    )


def change_payload(conversation_key: str, part_key: str, seq: int, author_key: str, at: datetime) -> JsonObject:
    """What agents' browsers are told of a new part."""
    return {
        "type": "conversations:new_part",
        "conversation": {"key": conversation_key, "last_seq": seq},
        "part": {"key": part_key, "seq": seq, "text": TEXT, "content": DOCUMENT, "created_at": at.isoformat()},
        "author": {"key": author_key},
    }


async def set_scene(store: Store) -> WebhookSource:
    """An integration whose chats are known: each has a contact, their profile and their conversation."""
    source = await install_source(store)
    chats = [lane_of(chat) for chat in range(CHATS)]
    for start in range(0, CHATS, 20):
        await store.acting(source.app_id).write(_know_chats, tuple(chats[start : start + 20]))
    return source


def _know_chats(unit: Unit, chats: Sequence[str]) -> None:
    for chat in chats:
        person_id = insert_person(unit, f"Visitor of {chat}")
        insert_conversation(unit, person_id)
        profile = unit.add(
            ExternalProfile(
                app_id=unit.app_id,
                id=unit.new_id(),
                app_user_id=person_id,
                provider=PROVIDER,
                scope=ACCOUNT,
                data={},
                created_at=unit.now,
            )
        )
        unit.add(ProfileAlias(app_id=unit.app_id, provider=PROVIDER, scope=ACCOUNT, alias=chat, profile_id=profile.id))
