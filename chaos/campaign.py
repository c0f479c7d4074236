"""One run: the house is set up by its own commands, loaded, struck, left to finish, and judged."""

import asyncio
import json
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg

from chaos.backing import Postgres, Redis, a_folder, a_postgres
from chaos.bot_api import Attempt, Record
from chaos.driver import Hook, orders_for
from chaos.house import SECRET_KEY, Ground, Member, free_port, has_worker_command, install_echo, topology
from chaos.ledger import DONE, Ledger
from chaos.lines import Talker, Told, talking
from chaos.link import Link, get
from chaos.nemesis import Nemesis
from chaos.oracle import Verdict, judge, judge_processes
from chaos.plan import AGENT, LOOPBACK, Plan
from tests.harness.redis_server import a_redis

DRAIN_SECONDS = 240.0
"""How long after the last fault everything must be done: a dead worker's lease and deadline are a part of it."""
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run."""

    plan: Plan
    database: str
    verdict: Verdict
    kills: int
    strikes: Counter[str]
    seconds: float
    load_seconds: float
    largest_rss: int
    told: Told

    @property
    def line(self) -> str:
        """The one line of figures."""
        v = self.verdict
        return (
            f"messages {self.plan.messages:,}, kills {self.kills}, lost {v.lost}, duplicated {v.duplicated}, "
            f"reordered {v.reordered}, sent twice {v.sent_twice}, unknown {v.unknown}, stuck {v.stuck} "
            f"({self.database}, {self.seconds:.0f} s, seed {self.plan.seed})"
        )


@dataclass(slots=True, kw_only=True)
class Furnished:
    """A house with its App, bots and agent, and a Telegram at its side."""

    ground: Ground
    port: int
    ledger: Ledger
    provider: Talker
    nemesis: Nemesis
    members: list[Member]
    hooks: dict[int, Hook]
    app_key: str
    token: str


@dataclass(slots=True)
class Progress:
    """How much of the work is done: taken in where people write as fast as they can, else acknowledged."""

    ledger: Ledger
    plan: Plan
    share: float = 0.0

    async def watch(self, driver: Talker) -> None:
        """Look again and again; a database that is away says nothing."""
        total = len(self.plan.inbound)
        while True:
            if self.plan.rate:
                self.share = int(str(driver.last.get("acked", 0))) / total
            else:
                with suppress(OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError):
                    self.share = await self.ledger.number(DONE) / total
            await asyncio.sleep(LOOK_SECONDS)


async def run(plan: Plan, database: str, *, patient: bool = True) -> Outcome:
    """Play a plan on `sqlite` or `postgres`.

    `patient`: wait until dead workers' leases and deadlines have run out; else the house is stopped at the end, and
    opened again when they have, by its clock.
    """
    began = time.monotonic()
    async with furnished(plan, database) as house:
        progress = Progress(house.ledger, plan)
        loaded = time.monotonic()
        told = await _load(plan, house, progress)
        load_seconds = time.monotonic() - loaded
        if not patient:
            await _let_time_pass(house)
        await _finish(house)
        record = await read_record(house)
        for member in house.members:
            await member.stop()
        acked = told["acked"]
        assert isinstance(acked, int)
        verdict = await judge(plan, house.ledger, record, house.nemesis.struck_at, acked=acked)
        largest = max(member.largest_rss for member in house.members)
        judge_processes(verdict, [crash for member in house.members for crash in member.crashes], largest)
        return Outcome(
            plan=plan,
            database=database,
            verdict=verdict,
            kills=house.nemesis.kills,
            strikes=house.nemesis.counts,
            seconds=time.monotonic() - began,
            load_seconds=load_seconds,
            largest_rss=largest,
            told=told,
        )


@asynccontextmanager
async def furnished(
    plan: Plan, database: str, crowd: Callable[[Ground, str, int], list[Member]] = topology
) -> AsyncIterator[Furnished]:
    """A running house with everything that a plan needs, all of it made by the command; gone afterwards."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(a_folder())
        port = free_port()
        postgres: Postgres | None = None
        redis: Redis | None = None
        environment = {
            "CHASKIQ_SECRET_KEY": SECRET_KEY,
            "CHASKIQ_PUBLIC_URL": f"http://{LOOPBACK}:{port}",
            "CHASKIQ_MEDIA_URL": f"file://{folder / 'media'}",
            "CHASKIQ_PLUGINS": "telegram,chaos_echo" if plan.echoes else "telegram",
        }
        if database == "postgres":
            postgres = await stack.enter_async_context(a_postgres(folder))
            environment["CHASKIQ_DATABASE_URL"] = postgres.url
            if has_worker_command():
                redis = Redis(stack.enter_context(a_redis(folder)))
                environment["CHASKIQ_REDIS_URL"] = redis.url
        else:
            environment["CHASKIQ_DATABASE_URL"] = f"sqlite:///{folder / 'chaskiq.db'}"
        ground = Ground(folder=folder, environment=environment)
        install_echo(folder)
        strikes: list[Nemesis] = []

        def hear(told: Told) -> None:
            for nemesis in strikes:
                nemesis.hear(told)

        provider = await stack.enter_async_context(talking("chaos.bot_api", str(plan.seed), on_line=hear))
        provider_port = (await provider.says("port"))["port"]
        assert isinstance(provider_port, int)
        app_key, token, hooks = await asyncio.to_thread(_furnish, ground, plan, provider_port)
        members = crowd(ground, database, port)
        stack.push_async_callback(_kill_all, members)
        for member in members:
            await member.start()
        nemesis = Nemesis(seed=plan.seed, members=members, provider_port=provider_port, postgres=postgres, redis=redis)
        strikes.append(nemesis)
        yield Furnished(
            ground=ground,
            port=port,
            ledger=Ledger(environment["CHASKIQ_DATABASE_URL"]),
            provider=provider,
            nemesis=nemesis,
            members=members,
            hooks=hooks,
            app_key=app_key,
            token=token,
        )


def _furnish(ground: Ground, plan: Plan, provider_port: int) -> tuple[str, str, dict[int, Hook]]:
    """Set the house up by its own command; the App's key, the agent's token and the hooks, by bot."""
    ground.chaskiq("db", "upgrade")
    app_key = str(ground.chaskiq("apps", "create", "--name", "Chaos")["key"])
    ground.chaskiq("agents", "create", "--app", app_key, "--email", AGENT, "--name", "Ann", "--role", "admin")
    token = str(ground.chaskiq("tokens", "create", "--app", app_key, "--agent", AGENT)["token"])
    hooks = {}
    for bot in sorted({plan.bot_of(message.chat) for message in plan.inbound}):
        hook = Hook(path="", secret=f"the-secret-of-bot-{bot}")
        settings = {
            "access_token": plan.token_of(bot),
            "secret_token": hook.secret,
            "api_base": f"http://{LOOPBACK}:{provider_port}",
        }
        given = [word for field_, value in settings.items() for word in ("--set", f"{field_}={value}")]
        added = ground.chaskiq("integrations", "add", "telegram", "--app", app_key, *given)
        hooks[bot] = Hook(path=str(added["hook_path"]), secret=hook.secret)
    return app_key, token, hooks


async def _load(plan: Plan, house: Furnished, progress: Progress) -> Told:
    """All messages written, acknowledged and replied to, and all strikes carried out; what the driver tells."""
    orders = house.ground.folder / "orders.json"
    orders.write_text(orders_for(plan, port=house.port, hooks=house.hooks, app_key=house.app_key, token=house.token))
    script = house.nemesis.script(plan.kills) if plan.kills else []
    async with talking("chaos.driver", str(orders)) as driver, asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(progress.watch(driver))
        striking = tasks.create_task(house.nemesis.run(script, lambda: progress.share))
        told = await driver.says("done")
        await striking
        watching.cancel()
    return told


async def _finish(house: Furnished) -> None:
    """Wait until nothing is left to do, for a bounded time."""
    until = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < until and (open_work := await house.ledger.open_work()):
        for member in house.members:
            member.note_size()
            await member.revive()
        if sys.stderr.isatty():
            print(f"\r{open_work}", end="", file=sys.stderr, flush=True)
        await asyncio.sleep(LOOK_SECONDS)


async def _let_time_pass(house: Furnished) -> None:
    """Stop the house; as if it had stood still until what the dead held has run out."""
    for member in house.members:
        await member.stop()
    await house.ledger.is_left()
    await house.ledger.let_time_pass()
    for member in house.members:
        await member.start()


async def read_record(house: Furnished) -> Record:
    link = Link(LOOPBACK, house.nemesis.provider_port)
    answer = await link.ask(get("/record"), seconds=60)
    link.hang_up()
    read = json.loads(answer.body)
    return Record(read["canaries"], [Attempt(**one) for one in read["attempts"]])


async def _kill_all(members: list[Member]) -> None:
    for member in members:
        if member.process is not None:
            member.process.kill()
            member.process.join()
