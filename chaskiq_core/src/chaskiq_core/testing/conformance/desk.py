"""A real hub for the kit, on SQLite in a folder: an App, an agent, the channel installed at its sandbox, a worker."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import anyio
from sqlalchemy import or_

from chaskiq_core import desk
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.desk import integrations, media
from chaskiq_core.host.registry import Hook
from chaskiq_core.hub import AppActing, Chaskiq
from chaskiq_core.inbound.receive import HookAnswer
from chaskiq_core.integrations.add import install_lane
from chaskiq_core.model import (
    Delivery,
    DeliveryPiece,
    DeliveryState,
    InboundItem,
    ItemState,
    Job,
    Lane,
    LaneKind,
    RoleName,
)
from chaskiq_core.plugin import (
    AddPart,
    ChannelSettings,
    Document,
    Manifest,
    WebhookRequest,
    ask_option,
    document_from_text,
)
from chaskiq_core.plugin.views import ConversationView, DeliveryView, IntegrationView, PartView
from chaskiq_core.settings import load_settings
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app, list_apps
from chaskiq_core.store.unit import Unit
from chaskiq_core.testing.conformance.door import HookDoor
from chaskiq_core.testing.conformance.driver import SandboxDriver
from chaskiq_core.testing.databases import migrated_sqlite
from chaskiq_core.testing.sandbox import owned_tasks

AGENT = "ann@example.org"
HOOK_TOKEN = "hook-token-of-the-kit"
SETTLE_SECONDS = 8.0
"""How long a provider may take to give our name of a send back; the house itself would wait for two minutes."""
SECRET_KEY = "a secret key of the kit, long enough for all"
PUBLIC_URL = "https://desk.example.org"
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 30.0
IN_PROCESS = "kit"


@dataclass(slots=True)
class Desk:
    """An open hub, and its agent."""

    chaskiq: Chaskiq
    app_key: str
    integration: str
    driver: SandboxDriver
    door: HookDoor
    manifest: Manifest

    @property
    def agent(self) -> AppActing:
        """The App's admin."""
        return self.chaskiq.acting(self.app_key, as_agent=AGENT)

    @property
    def system(self) -> AppActing:
        """The house itself."""
        return self.chaskiq.acting(self.app_key, as_system="kit")

    async def come(self, request: WebhookRequest) -> HookAnswer:
        """A webhook at the integration's hook URL."""
        return await self.door.come(HOOK_TOKEN, request)

    async def conversations(self) -> list[ConversationView]:
        return list((await self.agent.read(desk.inbox, limit=100)).items)

    async def parts(self, key: str) -> list[PartView]:
        return list((await self.agent.read(desk.parts, key, limit=100)).items)

    async def conversation_with(self, text: str) -> ConversationView:
        """The conversation of a part that holds this text, once it is there."""
        found: list[ConversationView] = []

        async def arrived() -> bool:
            for conversation in await self.conversations():
                if any(text in part.text for part in await self.parts(conversation.key)):
                    found.append(conversation)
            return bool(found)

        await until(arrived, what=f"a part with {text!r}")
        return found[0]

    async def reply(
        self, key: str, text: str | Document, *, attachments: tuple[str, ...] = (), reply_to: str | None = None
    ) -> PartView:
        """The agent's reply; it is on its way."""
        content = document_from_text(text) if isinstance(text, str) else text
        done = await self.agent.write(desk.reply, key, content=content, attachments=attachments, reply_to=reply_to)
        return done.part

    async def ask(self, key: str, label: str, options: Mapping[str, str]) -> None:
        """The App's bot asks; `options` are id → label."""
        await self.system.write(_ask, key, label, tuple(options.items()))

    async def upload(self, filename: str, content: bytes) -> str:
        """A file of the agent's; its id."""
        async with self.chaskiq.files.draft(max_bytes=max(len(content), 1)) as draft:
            await draft.write(content)
            stored = await self.chaskiq.files.keep(draft, filename)
        return (await self.agent.write(media.upload, stored)).id

    async def part(self, key: str, part_key: str) -> PartView:
        """A part as it is now."""
        return next(part for part in await self.parts(key) if part.key == part_key)

    async def delivery(self, key: str, part_key: str) -> DeliveryView:
        """What became of a part on its way, once nothing is left to do."""
        await self.quiet()
        part = await self.part(key, part_key)
        assert part.deliveries, "the reply was planned for no channel"
        return part.deliveries[0]

    async def shown_integration(self) -> IntegrationView:
        return await self.agent.read(integrations.integration, self.integration)

    async def quiet(self) -> None:
        """Wait until no ledger has anything to do; jobs wait for no retry, an unknown send some seconds for a word."""
        settles_at = time.monotonic() + SETTLE_SECONDS

        async def nothing_left() -> bool:
            await self.system.write(_let_jobs_be_due)
            if time.monotonic() > settles_at:
                await self.system.write(_let_unknown_be_late)
            return await self.system.read(_count_open) == 0

        await until(nothing_left, what="an end of the work")

    async def settings(self) -> ChannelSettings:
        """The integration's settings as the plugin gets them."""
        _, opened = await self.chaskiq.integrations.by_token(HOOK_TOKEN)
        return opened.settings

    async def let_leases_end(self) -> None:
        """The dead worker's leases and deadlines are over."""
        await self.system.write(_let_leases_end)


async def until(holds: Callable[[], Awaitable[bool]], *, what: str) -> None:
    """Return once it holds; an AssertionError that says what was waited for."""
    with anyio.move_on_after(PATIENCE_SECONDS):
        while not await holds():  # noqa: ASYNC110  what is waited for happens in the database
            await anyio.sleep(LOOK_SECONDS)
        return
    raise AssertionError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")


@asynccontextmanager
async def opened_desk(
    channel: object,
    driver: SandboxDriver,
    door: HookDoor,
    folder: Path,
    *,
    works: bool = True,
    hooks: Mapping[str, Callable[[Hook], Hook]] = MappingProxyType({}),
) -> AsyncIterator[Desk]:
    """The hub of this folder, new or found again; `hooks` replaces hooks of the channel by others around them.

    Leaving the block cancels the worker wherever it is.
    """
    path = folder / "chaskiq.db"
    if not path.exists():
        path.write_bytes(migrated_sqlite())
    settings = load_settings(
        database_url=f"sqlite:///{path}",
        redis_url=None,
        media_url=f"file://{folder / 'media'}",
        secret_key=SECRET_KEY,
        public_url=PUBLIC_URL,
        plugins=IN_PROCESS,
        _env_file=None,
    )
    chaskiq = Chaskiq(settings, plugins={IN_PROCESS: channel})
    [found] = chaskiq.registry.channels.values()
    replaced = {name: hooks[name](hook) if name in hooks else hook for name, hook in found.hooks.items()}
    provider = found.manifest.provider
    chaskiq.registry = replace(chaskiq.registry, channels={provider: replace(found, hooks=replaced)})
    async with chaskiq, owned_tasks() as tasks:
        known = await chaskiq.store.house_read(list_apps)
        key = known[0][0] if known else await _furnish(chaskiq)
        door.open_to(chaskiq)
        try:
            if not known:
                await _install(chaskiq, key, provider, driver)
            if works:
                tasks.start_soon(chaskiq.work)
            [integration] = await chaskiq.acting(key, as_agent=AGENT).read(integrations.integrations)
            yield Desk(chaskiq, key, integration.id, driver, door, found.manifest)
        finally:
            door.shut()


async def _furnish(chaskiq: Chaskiq) -> str:
    _, key = await chaskiq.store.house_write(create_app, "Acme")
    await chaskiq.store.house_write(add_agent, key, email=AGENT, name="Ann", role=RoleName.ADMIN)
    return key


async def _install(chaskiq: Chaskiq, key: str, provider: str, driver: SandboxDriver) -> None:
    sealed = chaskiq.seal_settings(provider, driver.settings, hook_token=HOOK_TOKEN)
    added = await chaskiq.acting(key, as_agent=AGENT).write(integrations.add, sealed, runs_itself=True)
    if added.job_key:
        app_id = await chaskiq.store.app_id(key)
        assert await chaskiq.run_job_lane(app_id, install_lane(added.view.id))
    await driver.registered(chaskiq.hook_url(HOOK_TOKEN))
    found = await chaskiq.acting(key, as_agent=AGENT).read(integrations.integrations)
    assert [one.state for one in found] == ["active"], "the sandbox refused the integration with the driver's settings"


def _ask(unit: Unit, key: str, label: str, options: tuple[tuple[str, str], ...]) -> None:
    perform(unit, lock_dialogue(unit, key), [AddPart(block=ask_option(label, dict(options)))])


def _count_open(unit: Unit) -> int:
    to_do = or_(Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)), Delivery.stale_since.is_not(None))
    return (
        len(unit.all(unit.select(InboundItem).where(InboundItem.state == ItemState.PENDING)))
        + len(unit.all(unit.select(Job).where(Job.state == ItemState.PENDING)))
        + len(unit.all(unit.select(Delivery).where(or_(to_do, Delivery.settle_by.is_not(None)))))
    )


def _let_jobs_be_due(unit: Unit) -> None:
    for job in unit.all(unit.select(Job).where(Job.state == ItemState.PENDING, Job.due_at > unit.now)):
        unit.change(unit.update(Job).where(Job.id == job.id).values(due_at=unit.now))
        unit.wake(LaneKind.JOB, job.lane_key)


def _let_unknown_be_late(unit: Unit) -> None:
    """The provider had its time to say what became of a send."""
    waiting = unit.select(Delivery).where(Delivery.settle_by.is_not(None), Delivery.settle_by > unit.now)
    for delivery in unit.all(waiting):
        late = unit.update(Delivery).where(Delivery.id == delivery.id)
        unit.change(late.values(settle_by=unit.now, due_at=unit.now, version=Delivery.version + 1))
        unit.wake(LaneKind.OUTBOUND, delivery.lane_key, integration_id=delivery.integration_id)


def _let_leases_end(unit: Unit) -> None:
    unit.change(unit.update(DeliveryPiece).values(deadline=unit.now))
    unit.change(unit.update(Lane).values(lease_until=None, lease_token=None))
