"""Every hook is documented as authors need it, and does what its page says."""

import inspect
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chaskiq_core import desk
from chaskiq_core.desk import people, staff
from chaskiq_core.errors import ContentError, PluginError, ReauthError
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import CHANNEL_HOOKS, OBSERVER_HOOKS, Channel, Found, build_registry
from chaskiq_core.plugin import (
    AddPart,
    ChannelContext,
    Close,
    Effect,
    HealthCheck,
    Level,
    SetField,
    Template,
    document_from_text,
    hookimpl,
)
from chaskiq_core.plugin.hookspecs import ChannelHooks, ObserverHooks
from chaskiq_core.plugin.views import AppUserView, ConversationView
from tests.harness.databases import Database
from tests.harness.house import a_house
from tests.harness.lent import Lent
from tests.harness.tiny_channel import TinyChannel, TinySettings
from tools.reference.hooks import LABELS, signature

ROOT = Path(__file__).parents[2]
HOOKS = {
    name: function
    for spec in (ChannelHooks, ObserverHooks)
    for name, function in inspect.getmembers(spec, inspect.isfunction)
}


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_s_page_answers_what_authors_ask(name: str) -> None:
    doc = inspect.getdoc(HOOKS[name]) or ""

    assert [label for label in LABELS if f"\n{label}: " not in doc] == []
    assert signature(name, HOOKS[name]) in (ROOT / "docs" / "reference" / "hooks.md").read_text()


@pytest.mark.parametrize("name", sorted(CHANNEL_HOOKS | OBSERVER_HOOKS))
def test_a_hook_is_implemented_by_a_plugin_of_the_tests(name: str) -> None:
    tests = [path.read_text() for path in (ROOT / "tests").rglob("*.py")]

    assert any(f"def {name}(" in text and "@hookimpl" in text for text in tests)


class Caring(TinyChannel):
    """Offers all that a channel can, and notes it."""

    def __init__(self) -> None:
        super().__init__()
        self.manifest = replace(
            self.manifest,
            capabilities=replace(self.manifest.capabilities, templates=Level.FULL),
            offers=frozenset({"install", "uninstall", "health", "list_templates", "mark_read"}),
        )
        self.gone = False
        self.read: list[str] = []

    @hookimpl
    async def uninstall(self, context: ChannelContext[TinySettings]) -> None:
        if context.settings.name == "refused":
            raise ReauthError("Unauthorized", code="401")
        self.gone = True

    @hookimpl
    async def mark_read(
        self, channel_id: str, thread_id: str, message_id: str, context: ChannelContext[TinySettings]
    ) -> None:
        self.read.append(f"{channel_id}:{message_id}")

    @hookimpl
    async def list_templates(self, context: ChannelContext[TinySettings]) -> Sequence[Template]:
        if context.settings.name == "rubbish":
            return ["hello"]  # type: ignore[list-item]
        return [Template(name="hello", language="en", category="utility", body="Hello {{1}}")]

    @hookimpl
    async def health(self, context: ChannelContext[TinySettings], hook_url: str) -> Sequence[HealthCheck]:
        if context.settings.name == "refused":
            raise ReauthError("Unauthorized", code="401")
        if context.settings.name == "rubbish":
            return "fine"  # type: ignore[return-value]
        return [HealthCheck(name="webhook", ok=True, detail=hook_url)]


def checked(plugin: TinyChannel) -> Channel:
    return build_registry([Found(name="tiny", plugin=plugin)]).channels["tiny"]


@pytest.mark.anyio
async def test_uninstall_is_called_and_what_it_raises_is_the_caller_s(host: Host) -> None:
    plugin = Caring()

    await host.uninstall(checked(plugin), Lent(TinySettings()))
    with pytest.raises(ReauthError):
        await host.uninstall(checked(plugin), Lent(TinySettings(name="refused")))

    assert plugin.gone


@pytest.mark.anyio
async def test_an_answer_marks_read_what_the_contact_wrote_last(database: Database) -> None:
    plugin = Caring()
    async with a_house(database, tiny=plugin) as house:
        await house.customer_writes("One", number=1)
        conversation = await house.customer_writes("Two", number=2)
        await house.reply(conversation.key, "For us", private_note=True)
        await house.quiet()
        assert plugin.read == []
        await house.reply(conversation.key, "Hello")
        await house.quiet()

    assert plugin.read == ["7:2"]


@pytest.mark.anyio
async def test_templates_are_listed_and_rubbish_is_none(host: Host) -> None:
    channel = checked(Caring())

    [hello] = await host.list_templates(channel, Lent(TinySettings()))
    with pytest.raises(PluginError, match="something else than Templates"):
        await host.list_templates(channel, Lent(TinySettings(name="rubbish")))
    with pytest.raises(ContentError, match="has no templates"):
        await host.list_templates(checked(TinyChannel()), Lent(TinySettings()))

    assert hello.body == "Hello {{1}}"


@pytest.mark.anyio
async def test_health_gives_lines_whatever_happens(host: Host) -> None:
    channel = checked(Caring())

    fine = await host.health(channel, Lent(TinySettings()), "https://example.org/hook")
    refused = await host.health(channel, Lent(TinySettings(name="refused")), "")
    rubbish = await host.health(channel, Lent(TinySettings(name="rubbish")), "")

    assert [(line.name, line.ok, line.detail) for line in fine] == [("webhook", True, "https://example.org/hook")]
    assert [(line.ok, line.detail) for line in refused] == [(False, "Unauthorized")]
    assert not rubbish[0].ok


@pytest.mark.anyio
async def test_an_install_that_returns_rubbish_is_a_named_error(host: Host) -> None:
    class Rubbish(TinyChannel):
        @hookimpl
        async def install(self, hook_url: str, context: ChannelContext[TinySettings]) -> str:  # type: ignore[override]
            return "yes"

    with pytest.raises(PluginError, match="install returned no Installed"):
        await host.install(checked(Rubbish()), Lent(TinySettings()), "https://example.org/hook")


class Secretary:
    """Listens to all that happens to conversations and contacts."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @hookimpl
    async def conversation_assigned(self, conversation: ConversationView) -> Sequence[Effect]:
        self.heard.append(f"assigned {conversation.assignee.name if conversation.assignee else 'nobody'}")
        return [AddPart(content=document_from_text("taken"), private_note=True)]

    @hookimpl
    async def conversation_state_changed(self, conversation: ConversationView) -> Sequence[Effect]:
        self.heard.append(conversation.state)
        return [Close()] if conversation.state == "opened" else []

    @hookimpl
    async def contact_created(self, person: AppUserView, conversation: ConversationView) -> Sequence[Effect]:
        self.heard.append(f"created {person.name} in {conversation.state}")
        return [SetField(name="vip", value=True), SetField(name="email", value="seven@example.org")]


@pytest.mark.anyio
async def test_observers_hear_of_assignments_states_and_contacts_once_each(database: Database) -> None:
    secretary = Secretary()
    async with a_house(database, plugins={"secretary": secretary}) as house:
        conversation = await house.customer_writes("Hello?")
        [admin] = [agent.id for agent in await house.ann.read(staff.list_agents) if agent.role == "admin"]
        await house.ann.write(desk.assign, conversation.key, agent_id=admin)
        await house.quiet()
        await house.ann.write(desk.close, conversation.key)
        await house.quiet()
        await house.ann.write(desk.reopen, conversation.key)
        await house.quiet()

        contact = await house.ann.read(people.contact, conversation.main_participant.id)
        shown = await house.ann.read(desk.show, conversation.key)
        notes = [part.text for part in await house.parts(conversation.key) if part.private_note]
    assert secretary.heard == ["created Person 7 in opened", "assigned Ann", "closed", "opened"]
    assert (contact.email, contact.properties) == ("seven@example.org", {"vip": True})
    assert shown.state == "closed"
    assert notes == ["taken"]
