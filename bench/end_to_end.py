"""How long a message takes through the house: webhook to an agent's WebSocket, and an agent's reply to the provider."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import anyio
import httpx

from bench.databases import KINDS, Databases
from bench.house import ADMIN, furnish, settings_of
from bench.measure import Also, Effort, Line, Rates, spread_of
from bench.record import Record, recorded
from bench.servers.process import Command, started_servers
from bench.updates import LOOPBACK, posted
from chaskiq_core import desk
from chaskiq_core.desk import staff
from chaskiq_core.hub import AppActing, Chaskiq
from chaskiq_core.staff.apps import list_apps
from tests.harness.cable import CableClient, cable
from tests.harness.databases import Database
from tests.harness.redis_server import a_redis
from tests.harness.wait import until

RATES = {5: 60, 20: 200}
"""How many messages go each way in all, by how many a second; a bot may send 25."""
CHATS = 100
"""Those that write and are answered, in turn: a chat takes one reply a second."""
PATIENCE_SECONDS = 60.0
PERCENTILES = (50, 95, 99)


@dataclass(slots=True)
class Scene:
    """A running house whose chats are known, an agent's socket at it, and the provider behind it."""

    http: httpx.AsyncClient
    socket: CableClient
    record: Record
    hook_path: str
    app_path: str
    conversations: Sequence[str]
    """Keys."""
    heard: dict[str, float] = field(default_factory=dict)
    """When the socket heard a text first."""

    async def listen(self) -> None:
        """Note what the socket hears, until cancelled."""
        while True:
            said = await self.socket.hear(seconds=PATIENCE_SECONDS)
            if (text := _new_text(said)) is not None:
                self.heard.setdefault(text, time.monotonic())

    async def write(self, number: int) -> None:
        """A person's message."""
        body, headers = posted(number, text=f"written {number}", chats=CHATS)
        answer = await self.http.post(self.hook_path, content=body, headers=headers)
        answer.raise_for_status()

    async def reply(self, number: int) -> None:
        """The agent's, in another chat, as a rule."""
        key = self.conversations[number % CHATS]
        path = f"{self.app_path}/conversations/{key}/parts"
        answer = await self.http.post(path, json={"text": f"replied {number}"})
        answer.raise_for_status()


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Milliseconds, once; one process on SQLite, a server and a worker with Redis on PostgreSQL."""
    for kind in KINDS:
        async with AsyncExitStack() as stack:
            scene = await _set_scene(kind, databases, stack)
            tasks = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(tasks.cancel_scope.cancel)
            tasks.start_soon(scene.listen)
            first = CHATS
            for rate, messages in RATES.items():
                count = effort.of(messages)
                numbers = range(first, first + count)
                first += count
                for case, waits in (await _both_ways(scene, numbers, rate)).items():
                    yield Line(
                        bench="end to end",
                        case=f"{case}, {rate} a second",
                        database=kind,
                        subject=Rates("messages", [rate]),
                        also=tuple(
                            Also(name=f"p{percent}", unit="ms", spread=spread_of([_percentile(waits, percent)]))
                            for percent in PERCENTILES
                        ),
                    )


async def _both_ways(scene: Scene, numbers: range, rate: int) -> Mapping[str, Sequence[float]]:
    """What each of the messages took, in milliseconds; they are sent at their times, whatever is under way."""
    sent: dict[str, float] = {}
    started = time.monotonic()
    async with anyio.create_task_group() as tasks:
        for n, number in enumerate(numbers):
            await anyio.sleep(max(0.0, started + n / rate - time.monotonic()))
            sent[f"written {number}"] = sent[f"replied {number}"] = time.monotonic()
            tasks.start_soon(scene.write, number)
            tasks.start_soon(scene.reply, number)
    arrived: dict[str, float] = {}
    with anyio.fail_after(PATIENCE_SECONDS):
        while not sent.keys() <= arrived.keys():
            await anyio.sleep(0.1)
            await scene.record.refresh()
            arrived = {one.text: one.at for one in scene.record.taken}
            arrived |= {text: at for text, at in scene.heard.items() if text.startswith("written")}
    return {
        case: [(arrived[text] - at) * 1_000 for text, at in sent.items() if text.startswith(word)]
        for case, word in (("webhook → WebSocket", "written"), ("reply → provider", "replied"))
    }


async def _set_scene(kind: str, databases: Databases, stack: AsyncExitStack) -> Scene:
    database = await databases.new(kind)
    redis = stack.enter_context(a_redis(databases.folder))
    [provider] = await stack.enter_async_context(started_servers(Command("provider", (None,))))
    record = await stack.enter_async_context(recorded(provider))
    hook_path = await furnish(database, api_base=record.url)
    app_key, token = await _admit(database)
    commands = [Command("chaskiq", (database.url, True))]
    if kind == "postgres":
        commands = [Command("chaskiq", (database.url, False, redis.url)), Command("worker", (database.url, redis.url))]
    processes = await stack.enter_async_context(started_servers(*commands))
    for process in processes:
        process.wake()
    address = f"{LOOPBACK}:{processes[0].port}"
    http = await stack.enter_async_context(
        httpx.AsyncClient(
            base_url=f"http://{address}", headers={"authorization": f"Bearer {token}"}, trust_env=False, timeout=30
        )
    )
    socket = await stack.enter_async_context(cable(f"ws://{address}/cable?app={app_key}&token={token}"))
    await socket.subscribe()
    scene = Scene(http, socket, record, hook_path, f"/api/v1/apps/{app_key}", [])
    async with Chaskiq(settings_of(database.url), owner=False) as chaskiq:
        acting = chaskiq.acting(app_key, as_agent=ADMIN)
        scene.conversations = await _get_to_know_all(scene, acting)
    return scene


async def _get_to_know_all(scene: Scene, acting: AppActing) -> Sequence[str]:
    """Let each chat write once; the keys of their conversations."""
    for number in range(CHATS):
        await scene.write(number)

    async def all_are_there() -> bool:
        return len(await _keys(acting)) == CHATS

    await until(all_are_there, seconds=PATIENCE_SECONDS)
    return await _keys(acting)


async def _keys(acting: AppActing) -> list[str]:
    return [one.key for one in (await acting.read(desk.inbox, limit=CHATS)).items]


async def _admit(database: Database) -> tuple[str, str]:
    """The App's key, and a token of its admin."""
    async with Chaskiq(settings_of(database.url)) as chaskiq:
        [(app_key, _)] = await chaskiq.store.house_read(list_apps)
        return app_key, await chaskiq.acting(app_key, as_agent=ADMIN).write(staff.create_token, ADMIN)


def _new_text(said: Mapping[str, object]) -> str | None:
    """The text of a new part, if a frame of the cable is one."""
    match said:
        case {"message": {"data": {"part": {"text": str(text)}}}} | {"message": {"data": {"text": str(text)}}}:
            return text
    return None


def _percentile(waits: Sequence[float], percent: int) -> float:
    return sorted(waits)[min(len(waits) - 1, len(waits) * percent // 100)]
