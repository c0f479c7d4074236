"""One message to many sockets: the cable beside `websockets.broadcast`, and what an idle socket costs in memory."""

from collections.abc import AsyncIterator

import psutil

from bench.databases import Databases
from bench.house import ADMIN, furnish, settings_of
from bench.listeners import Listeners, Party, started_listeners
from bench.measure import Also, Contender, Effort, Line, spread_of, take_turns
from bench.servers.process import Command, ServerProcess, started_servers
from chaskiq_core.desk import staff
from chaskiq_core.hub import Chaskiq
from chaskiq_core.staff.apps import list_apps
from tests.harness.databases import Database

MESSAGES = {200: 100, 1_000: 20}
"""How many in each repeat, by how many sockets hear them."""
GOAL = 1 / 1.5
TOKENS = 20
MEGABYTE = 1_000_000


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Messages a second, each said when the one before has reached the last socket."""
    database = await databases.new("sqlite")
    await furnish(database)
    app_key, paths = await _admit(database)
    commands = (Command("cable", (database.url, app_key)), Command("broadcast"))
    async with started_servers(*commands) as servers, started_listeners() as listeners:
        ours, theirs = servers
        for server in servers:
            server.wake()  # and left so: asleep, it would not answer the sockets' pings
        for sockets, messages in MESSAGES.items():
            idle = []
            for server, party_paths in ((ours, paths), (theirs, ["/"])):
                before = _megabytes(server)
                await listeners.connect(Party(port=server.port, paths=party_paths, sockets=sockets))
                idle.append((_megabytes(server) - before) * 1_000 / sockets)
            cable, broadcast = await take_turns(
                [_contender("cable", listeners, ours), _contender("broadcast", listeners, theirs)],
                count=effort.of(messages),
                repeats=effort.repeats,
            )
            await listeners.disconnect()
            yield Line(
                bench="fan out",
                case=f"{sockets:,} sockets",
                database="–",
                subject=cable,
                baseline=broadcast,
                goal=GOAL,
                also=tuple(
                    Also(name=f"{name}, 1,000 idle", unit="MB", spread=spread_of([megabytes]))
                    for name, megabytes in zip(("cable", "broadcast"), idle, strict=True)
                ),
            )


def _contender(name: str, listeners: Listeners, server: ServerProcess) -> Contender:
    async def hear(count: int) -> None:
        await listeners.hear(server.port, count)

    return Contender(name, work=hear)


async def _admit(database: Database) -> tuple[str, list[str]]:
    """The App's key, and the paths of the cable with as many tokens as so many sockets need."""
    async with Chaskiq(settings_of(database.url)) as chaskiq:
        [(app_key, _)] = await chaskiq.store.house_read(list_apps)
        acting = chaskiq.acting(app_key, as_agent=ADMIN)
        tokens = [await acting.write(staff.create_token, ADMIN) for _ in range(TOKENS)]
    return app_key, [f"/cable?app={app_key}&token={token}" for token in tokens]


def _megabytes(server: ServerProcess) -> float:
    rss: int = psutil.Process(server.pid).memory_info().rss
    return rss / MEGABYTE
