"""Webhooks answered over HTTP: ours, kept on disk, beside bot frameworks' own servers, which keep nothing."""

from collections.abc import AsyncIterator

from bench.databases import Databases
from bench.house import furnish
from bench.load import Asked, started_load
from bench.measure import Effort, Line, take_turns
from bench.servers.process import Command, started_servers
from bench.updates import WEBHOOK_PATH

ACKS = {16: 600, 64: 1_200}
"""How many in each repeat, by how many clients ask at a time."""
GOAL = 1.0


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Answers a second; ours on SQLite, without workers."""
    house = await databases.new("sqlite")
    path = await furnish(house)
    commands = (
        Command("chaskiq", (house.url, False)),
        Command("python_telegram_bot"),
        Command("aiogram"),
        Command("slack_bolt"),
    )
    asked = (
        ("workers held", path, "telegram"),
        ("python-telegram-bot", WEBHOOK_PATH, "telegram"),
        ("aiogram", WEBHOOK_PATH, "telegram"),
        ("slack-bolt", WEBHOOK_PATH, "slack"),
    )
    async with started_load() as load, started_servers(*commands) as servers:
        for clients, acks in ACKS.items():
            ours, *others = await take_turns(
                [
                    Asked(load, server, at, clients=clients, provider=provider).contender(name)
                    for server, (name, at, provider) in zip(servers, asked, strict=True)
                ],
                count=effort.of(acks),
                repeats=effort.repeats,
            )
            for theirs in others:
                yield Line(
                    bench="bot frameworks",
                    case=f"{clients} clients",
                    database="sqlite",
                    subject=ours,
                    baseline=theirs,
                    goal=GOAL,
                )
