"""A whole house for tests: a hub on a database with the tiny channel, an App, an admin, and a working integration."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from sqlalchemy import or_

from chaskiq_core import Chaskiq, desk, load_settings
from chaskiq_core.content import document_from_text
from chaskiq_core.desk import integrations as desk_integrations
from chaskiq_core.host.call import Limits
from chaskiq_core.hub import AppActing
from chaskiq_core.inbound.process import InboundDrain
from chaskiq_core.inbound.receive import HookAnswer
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
from chaskiq_core.model.ids import AppId
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_core.settings import Settings
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app, list_apps
from chaskiq_core.store.call import Call
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from chaskiq_core.telemetry import Telemetry
from chaskiq_core.work.run_lane import run_lane
from tests.harness.databases import Database
from tests.harness.tiny_channel import SECRET, TinyChannel
from tests.harness.wait import until

SECRET_KEY = "a secret key of the tests, long enough"
ANN = "ann@example.org"
HOOK_TOKEN = "hook-token"


@dataclass(slots=True)
class House:
    """An open hub with one App."""

    chaskiq: Chaskiq
    tiny: TinyChannel
    app_id: AppId
    app_key: str
    integration: str

    @property
    def ann(self) -> AppActing:
        """The App's admin."""
        return self.chaskiq.acting(self.app_key, as_agent=ANN)

    @property
    def system(self) -> AppActing:
        """The house itself."""
        return self.chaskiq.acting(self.app_key, as_system="tests")

    async def post(self, *messages: Mapping[str, object], token: str = HOOK_TOKEN) -> HookAnswer:
        """A webhook of the tiny provider."""
        body = json.dumps({"messages": messages}).encode()
        return await self.chaskiq.receive(token, WebhookRequest(headers={"x-tiny-secret": SECRET}, body=body))

    async def customer_writes(self, text: str, *, number: int = 1, chat: str = "7") -> ConversationView:
        """A message, taken in; the conversation it came to."""
        await self.post(a_message(number, text, chat=chat))
        await self.quiet()
        return await self.conversation(chat)

    async def conversation(self, chat: str = "7") -> ConversationView:
        """The newest conversation of a chat."""
        page = await self.ann.read(desk.inbox, limit=100)
        return next(one for one in page.items if any(channel.provider_channel_id == chat for channel in one.channels))

    async def parts(self, key: str) -> list[PartView]:
        """All parts of a conversation."""
        return list((await self.ann.read(desk.parts, key, limit=100)).items)

    async def reply(self, key: str, text: str, *, private_note: bool = False) -> PartView:
        """Ann's reply or note."""
        replied = await self.ann.write(desk.reply, key, content=document_from_text(text), private_note=private_note)
        return replied.part

    async def quiet(self, *, seconds: float = 30, each: Callable[[], Awaitable[object]] | None = None) -> None:
        """Wait until no ledger has anything to do; `each` is called before each look."""

        async def nothing_left() -> bool:
            if each is not None:
                await each()
            return await self.system.read(count_open) == 0

        try:
            await until(nothing_left, seconds=seconds)
        except TimeoutError:
            raise TimeoutError(f"still to do: {await self.system.read(what_is_open)}") from None

    async def take_in(self) -> None:
        """Work on what came in, and on nothing else: for a house without workers."""
        for lane_key in await self.system.read(inbound_lanes):
            drain = InboundDrain(self.chaskiq.store, self.chaskiq.integrations, self.chaskiq.host)
            assert await run_lane(self.chaskiq.store, self.app_id, LaneKind.INBOUND, lane_key, drain)

    def files_on_disk(self) -> list[Path]:
        """All files of the media store, drafts too."""
        folder = Path(self.chaskiq.settings.media_url.removeprefix("file://"))
        return [path for path in folder.rglob("*") if path.is_file()]


def a_message(number: int, text: str, *, chat: str = "7", **more: object) -> dict[str, object]:
    """A message of the tiny provider."""
    return {"id": number, "chat": chat, "from": chat, "name": f"Person {chat}", "text": text, **more}


def count_open(unit: Unit) -> int:
    """What the ledgers still have to do."""
    to_do = or_(Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)), Delivery.stale_since.is_not(None))
    return (
        len(unit.all(unit.select(InboundItem).where(InboundItem.state == ItemState.PENDING)))
        + len(unit.all(unit.select(Job).where(Job.state == ItemState.PENDING)))
        + len(unit.all(unit.select(Delivery).where(to_do)))
    )


def what_is_open(unit: Unit) -> list[str]:
    """The same for who wonders why it is not done, with the lanes that have something to do."""
    items = unit.all(unit.select(InboundItem).where(InboundItem.state == ItemState.PENDING))
    jobs = unit.all(unit.select(Job).where(Job.state == ItemState.PENDING))
    deliveries = unit.all(unit.select(Delivery).where(Delivery.state.in_(DeliveryState)))
    lanes = unit.all(unit.select(Lane).where(Lane.next_due.is_not(None)))
    return [
        *(f"item {one.lane_key} due {one.due_at}" for one in items),
        *(f"job {one.key} due {one.due_at}: {one.error}" for one in jobs),
        *(
            f"delivery {one.lane_key} {one.state} due {one.due_at} stale {one.stale_since} settle {one.settle_by}"
            for one in deliveries
            if one.state in (DeliveryState.QUEUED, DeliveryState.SENDING) or one.stale_since or one.settle_by
        ),
        *(f"lane {one.kind} {one.key} due {one.next_due} until {one.lease_until}" for one in lanes),
    ]


def let_time_pass(unit: Unit) -> None:
    """The deadline of the dead worker's send, and its lease, are over."""
    unit.change(unit.update(DeliveryPiece).values(deadline=unit.now))
    unit.change(unit.update(Lane).values(lease_until=None, lease_token=None))


def inbound_lanes(unit: Unit) -> list[str]:
    """The lanes of what has come in and was not worked on."""
    pending = unit.all(unit.select(InboundItem).where(InboundItem.state == ItemState.PENDING))
    return sorted({item.lane_key for item in pending})


def let_jobs_be_due(unit: Unit) -> None:
    """The waits of all jobs are over."""
    pending = unit.all(unit.select(Job).where(Job.state == ItemState.PENDING, Job.due_at > unit.now))
    for job in pending:
        unit.change(unit.update(Job).where(Job.id == job.id).values(due_at=unit.now))
        unit.wake(LaneKind.JOB, job.lane_key)


@asynccontextmanager
async def a_house(
    database: Database,
    *,
    plugins: Mapping[str, object] | None = None,
    tiny: TinyChannel | None = None,
    workers: bool = True,
    limits: Limits | None = None,
    trace: Callable[[str], None] | None = None,
    undo_first_try: Callable[[Call[object]], bool] | None = None,
    telemetry: Telemetry | None = None,
    **settings: object,
) -> AsyncIterator[House]:
    """An open house, its worker running unless told otherwise; furnished at its first opening, found at the next."""
    channel = tiny or TinyChannel()
    with TemporaryDirectory(prefix="chaskiq-media-") as folder:
        chosen = {"database_url": database.url, "media_url": f"file://{folder}", "plugins": "tiny", **settings}
        async with _opened(
            load_settings(secret_key=SECRET_KEY, _env_file=None, **chosen),
            channel,
            plugins or {},
            limits,
            database.store(trace=trace, undo_first_try=undo_first_try),
            workers=workers,
            telemetry=telemetry,
        ) as house:
            yield house


@asynccontextmanager
async def _opened(
    settings: Settings,
    channel: TinyChannel,
    plugins: Mapping[str, object],
    limits: Limits | None,
    store: Store,
    *,
    workers: bool,
    telemetry: Telemetry | None,
) -> AsyncIterator[House]:
    chaskiq = Chaskiq(
        settings,
        plugins={"tiny": channel, **plugins},
        limits=limits,
        store=store,
        telemetry=telemetry,
    )
    async with chaskiq, anyio.create_task_group() as tasks:
        if workers:
            tasks.start_soon(chaskiq.work)
        known = await chaskiq.store.house_read(list_apps)
        key = known[0][0] if known else await _furnish(chaskiq)
        [integration] = await chaskiq.acting(key, as_agent=ANN).read(desk_integrations.integrations)
        yield House(chaskiq, channel, await chaskiq.store.app_id(key), key, integration.id)
        tasks.cancel_scope.cancel()


async def _furnish(chaskiq: Chaskiq) -> str:
    """An App with an admin and an integration; its key."""
    _, key = await chaskiq.store.house_write(create_app, "Acme")
    await chaskiq.store.house_write(add_agent, key, email=ANN, name="Ann", role=RoleName.ADMIN)
    sealed = chaskiq.seal_settings("tiny", {}, hook_token=HOOK_TOKEN)
    await chaskiq.acting(key, as_agent=ANN).write(desk_integrations.add, sealed, name="Tiny", install=False)
    return key
