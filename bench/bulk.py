"""Messages to many, enqueued and not sent yet: parts of conversations whose chats are known."""

from collections.abc import Sequence

from bench.limited_channel import LimitedChannel
from chaskiq_core.content import document_from_text
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogues
from chaskiq_core.conversations.start import ChannelName, start_conversation
from chaskiq_core.desk import integrations
from chaskiq_core.effects import AddPart
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model import AppUser, Integration, RoleName
from chaskiq_core.model.ids import ConversationId, IntegrationId
from chaskiq_core.settings import Settings
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit
from tests.harness.house_acts import insert_person

ADMIN = "ann@bench.example"
CHATS_AT_ONCE = 10
"""In one transaction, so that none is long."""


async def enqueue(settings: Settings, api_base: str, *, chats: int, each: int) -> None:
    """Furnish an empty database: so many conversations, each with so many messages that wait to go out."""
    async with Chaskiq(settings, plugins={"tiny": LimitedChannel()}) as chaskiq:
        await enqueue_in(chaskiq, await new_app(chaskiq, api_base=api_base), chats=chats, each=each)


async def new_app(chaskiq: Chaskiq, **given: str) -> str:
    """An App with an admin and an integration of those settings; its key."""
    _, key = await chaskiq.store.house_write(create_app, "Bench")
    name = given.get("name", "tiny")
    await chaskiq.store.house_write(add_agent, key, email=ADMIN, name="Ann", role=RoleName.ADMIN)
    sealed = chaskiq.seal_settings("tiny", given, hook_token=f"the-hook-of-{name}")
    await chaskiq.acting(key, as_agent=ADMIN).write(integrations.add, sealed, name=name, install=False)
    return key


async def enqueue_in(chaskiq: Chaskiq, app: str, *, chats: int, each: int) -> list[str]:
    """The same in an App that stands; the keys of its conversations."""
    acting = chaskiq.store.acting(await chaskiq.store.app_id(app))
    keys: list[str] = []
    for start in range(0, chats, CHATS_AT_ONCE):
        some = range(start, min(start + CHATS_AT_ONCE, chats))
        begun = [await acting.write(_start, chat) for chat in some]
        keys += [key for _, key in begun]
        for number in range(each):
            await _write_to_all(acting, [conversation for conversation, _ in begun], number)
    return keys


async def _write_to_all(acting: Acting, conversations: Sequence[ConversationId], number: int) -> None:
    await acting.write(_add_parts, tuple(conversations), str(number))


def _start(unit: Unit, chat: int) -> tuple[ConversationId, str]:
    person_id = insert_person(unit, f"Person {chat}")
    unit.flush()
    [person] = unit.lock(unit.select(AppUser).where(AppUser.id == person_id))
    [integration] = unit.all(unit.select(Integration))
    name = ChannelName(
        integration_id=IntegrationId(integration.id), provider="tiny", channel_id=str(1 + chat), thread_id=""
    )
    conversation = start_conversation(unit, person, channel=name).conversation
    return ConversationId(conversation.id), conversation.key


def _add_parts(unit: Unit, conversations: tuple[ConversationId, ...], text: str) -> None:
    for dialogue in lock_dialogues(unit, conversations):
        perform(unit, dialogue, [AddPart(content=document_from_text(text), bulk=True)])
