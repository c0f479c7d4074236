"""Invariant 6 at the desk: no act finds or changes anything of another App by its ids."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text, read_document
from chaskiq_core.desk import dead_letters, integrations, media, messenger, people, replay, staff, templates
from chaskiq_core.desk.permissions import ACTS
from chaskiq_core.errors import ForbiddenError, InvalidError, NotFoundError, UnknownOutcomeError
from chaskiq_core.hub import AppActing
from chaskiq_core.model import RoleName
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app
from tests.harness.databases import Database
from tests.harness.house import ANN, House, a_house, a_message

pytestmark = pytest.mark.anyio

EVE = "eve@example.org"
LATER = datetime.now(UTC) + timedelta(days=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Loot:
    """Ids of one App, in the hands of another App's admin."""

    conversation: str
    contact: str
    integration: str
    delivery: str
    item: str
    agent: str
    token: str
    part: str
    file: str
    replay: str


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with a_house(database) as house:
        yield house


@pytest.fixture
async def eve(house: House) -> AppActing:
    _, key = await house.chaskiq.store.house_write(create_app, "Evil")
    await house.chaskiq.store.house_write(add_agent, key, email=EVE, name="Eve", role=RoleName.ADMIN)
    return house.chaskiq.acting(key, as_agent=EVE)


@pytest.fixture
async def loot(house: House) -> Loot:
    conversation = await house.customer_writes("Secret")
    house.tiny.outbox.faults.append(UnknownOutcomeError("reset"))
    answer = await house.reply(conversation.key, "Secret answer")
    async with house.chaskiq.files.draft(max_bytes=100) as draft:
        await draft.write(b"secret bytes")
        stored = await house.chaskiq.files.keep(draft, "secret")
    await house.post(a_message(9, "bad", poison=True))
    await house.quiet()
    [admin] = [agent for agent in await house.ann.read(staff.list_agents) if agent.role == "admin"]
    await house.ann.write(staff.create_token, admin.id)
    return Loot(
        conversation=conversation.key,
        contact=conversation.main_participant.id,
        integration=house.integration,
        delivery=(await house.ann.read(dead_letters.deliveries, state="unknown")).items[0].delivery.id,
        item=(await house.ann.read(dead_letters.inbound)).items[0].id,
        agent=admin.id,
        token=str((await house.ann.read(staff.list_tokens))[0].id),
        part=answer.key,
        file=(await house.ann.write(media.upload, stored)).id,
        replay=(await house.ann.write(replay.replay_span, since=LONG_AGO)).id,
    )


LISTS: dict[str, Callable[[AppActing], Awaitable[object]]] = {
    "conversations.inbox": lambda eve: eve.read(desk.inbox),
    "people.contacts": lambda eve: eve.read(people.contacts),
    "integrations.integrations": lambda eve: eve.read(integrations.integrations),
    "dead_letters.inbound": lambda eve: eve.read(dead_letters.inbound),
    "dead_letters.deliveries": lambda eve: eve.read(dead_letters.deliveries),
    "staff.list_agents": lambda eve: eve.read(staff.list_agents),
    "staff.me": lambda eve: eve.read(staff.me),
    "staff.list_tokens": lambda eve: eve.read(staff.list_tokens),
}
OF_NOBODY = {"people.add_contact", "integrations.add", "media.upload"}
"""They name nothing that is there already."""
OF_CONTACTS = {name for name in ACTS if name.partition(".")[0] == messenger.__name__.rpartition(".")[2]}
"""No agent may carry them out at all; `test_messenger_access.py` tries them with other contacts' sessions."""


async def test_no_act_reaches_another_app_by_its_ids(house: House, eve: AppActing, loot: Loot) -> None:
    text = document_from_text("stolen")
    sealed = house.chaskiq.seal_settings("tiny", {"name": "evil"}, hook_token="evil")
    before = await everything(house, loot)
    tries = {
        "conversations.show": eve.read(desk.show, loot.conversation),
        "conversations.parts": eve.read(desk.parts, loot.conversation),
        "writing.reply": eve.write(desk.reply, loot.conversation, content=text),
        "writing.edit": eve.write(desk.edit, loot.conversation, loot.part, content=text),
        "writing.delete": eve.write(desk.delete, loot.conversation, loot.part),
        "writing.typing": eve.write(desk.typing, loot.conversation),
        "media.medium": eve.read(media.medium, loot.file),
        "conversations.start": eve.write(desk.start, loot.contact, content=text),
        "conversations.assign": eve.write(desk.assign, loot.conversation, agent_id=None),
        "conversations.close": eve.write(desk.close, loot.conversation),
        "conversations.snooze": eve.write(desk.snooze, loot.conversation, until=LATER),
        "conversations.reopen": eve.write(desk.reopen, loot.conversation),
        "people.contact": eve.read(people.contact, loot.contact),
        "people.change_contact": eve.write(people.change_contact, loot.contact, {"name": "stolen"}),
        "integrations.integration": eve.read(integrations.integration, loot.integration),
        "integrations.calls": eve.read(integrations.calls, loot.integration),
        "templates.whose_templates": eve.read(templates.whose_templates, loot.integration),
        "integrations.change": eve.write(integrations.change, loot.integration, sealed),
        "integrations.pause_integration": eve.write(integrations.pause_integration, loot.integration),
        "integrations.resume_integration": eve.write(integrations.resume_integration, loot.integration),
        "integrations.decide_unknown": eve.write(integrations.decide_unknown, loot.integration, on_unknown="resend"),
        "integrations.remove": eve.write(integrations.remove, loot.integration),
        "dead_letters.webhook": eve.read(dead_letters.webhook, loot.item),
        "dead_letters.replay": eve.write(dead_letters.replay, loot.item),
        "dead_letters.retry": eve.write(dead_letters.retry, loot.delivery),
        "dead_letters.confirm": eve.write(dead_letters.confirm, loot.delivery),
        "dead_letters.cancel": eve.write(dead_letters.cancel, loot.delivery),
        "replay.replay_span": eve.write(replay.replay_span, since=LONG_AGO, integration=loot.integration),
        "replay.replay_progress": eve.read(replay.replay_progress, loot.replay),
        "staff.create_token": eve.write(staff.create_token, loot.agent),
        "staff.revoke_token": eve.write(staff.revoke_token, loot.token),
    }

    for name, attempt in tries.items():
        with pytest.raises(NotFoundError):
            await named(name, attempt)

    assert await everything(house, loot) == before
    assert tries.keys() | LISTS.keys() | OF_NOBODY | OF_CONTACTS == ACTS.keys()


async def test_lists_hold_only_what_is_the_app_s_own(eve: AppActing, loot: Loot) -> None:
    for name, listed in LISTS.items():
        found = str(await listed(eve))
        for stolen in (loot.conversation, loot.contact, loot.integration, loot.delivery, loot.item, loot.agent):
            assert stolen not in found, name


async def test_an_agent_of_one_app_may_do_nothing_in_another(house: House, eve: AppActing) -> None:
    for who, app in ((ANN, eve.app_key), (EVE, house.app_key)):
        with pytest.raises(ForbiddenError):
            await house.chaskiq.acting(app, as_agent=who).read(desk.inbox)


async def test_a_conversation_can_t_be_given_to_another_app_s_agent_or_integration(
    house: House, eve: AppActing, loot: Loot
) -> None:
    mine = await eve.write(people.add_contact, name="Mine")
    started = await eve.write(desk.start, mine.id)

    with pytest.raises(NotFoundError):
        await eve.write(desk.assign, started.key, agent_id=loot.agent)
    with pytest.raises(NotFoundError):
        await eve.write(desk.start, mine.id, integration_id=loot.integration)


async def test_another_app_s_file_can_t_be_attached_or_shown(house: House, eve: AppActing, loot: Loot) -> None:
    mine = await eve.write(people.add_contact, name="Mine")
    started = await eve.write(desk.start, mine.id)
    shown = read_document({"type": "doc", "content": [{"type": "ImageBlock", "attrs": {"media_id": loot.file}}]})

    with pytest.raises(InvalidError):
        await eve.write(desk.reply, started.key, attachments=(loot.file,))
    with pytest.raises(InvalidError):
        await eve.write(desk.reply, started.key, content=shown)


async def everything(house: House, loot: Loot) -> list[object]:
    return [
        await house.ann.read(desk.show, loot.conversation),
        await house.parts(loot.conversation),
        await house.ann.read(people.contact, loot.contact),
        await house.ann.read(integrations.integration, loot.integration),
        await house.ann.read(staff.list_tokens),
    ]


async def named(name: str, attempt: Awaitable[object]) -> None:
    """Carry out an attempt that must be refused; what it got is named in the failure."""
    found = await attempt
    pytest.fail(f"{name} reached another App: {found}")
