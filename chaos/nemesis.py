"""The faults, by a seeded script: what is killed, stopped or restarted when so much of the work is done."""

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chaos.backing import Postgres, Redis
from chaos.house import Member
from chaos.lines import Told
from chaos.link import Link, post
from chaos.plan import LOOPBACK

PAUSE_SECONDS = (0.5, 2.0)
LOOK_SECONDS = 0.05
HIT_SECONDS = 5.0
SETTLED_SECONDS = 3.0
"""After this a process has started, and can be told to stop."""
LEAST_LIFE_SECONDS = (0.05, 0.6)
"""How long a process lives at least before it is killed again."""


@dataclass(frozen=True, slots=True, order=True)
class Strike:
    """One fault: at which share of the work, what, and a number that picks whom."""

    at: float
    kind: str
    luck: float


@dataclass(slots=True, kw_only=True)
class Nemesis:
    """What may go wrong in one run, and what did."""

    seed: int
    members: list[Member]
    provider_port: int
    postgres: Postgres | None = None
    redis: Redis | None = None
    kills: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    struck_at: list[float] = field(default_factory=list)
    """When something that may cut a send off was done, in seconds since the epoch."""
    _hit: asyncio.Event = field(default_factory=asyncio.Event)
    _hit_port: int = 0

    def script(self, kills: int) -> list[Strike]:
        """What happens, in order, from the seed alone."""
        luck = random.Random(f"{self.seed}/nemesis")
        kinds = ["kill"] * (kills - kills // 10) + ["kill after accept"] * (kills // 10)
        kinds += ["restart"] * max(1, kills // 20) + ["pause"] * max(1, kills // 20)
        if self.postgres is not None:
            kinds += ["postgres"] * max(1, kills // 10)
        if self.redis is not None:
            kinds += ["redis"] * max(1, kills // 20) + ["flush"] * max(1, kills // 20)
        return sorted(Strike(luck.uniform(0.01, 0.97), kind, luck.random()) for kind in kinds)

    def hear(self, told: Told) -> None:
        """The provider took a message of one who is to die for it."""
        if isinstance(port := told.get("kill_port"), int):
            self._hit_port = port
            self._hit.set()

    async def run(self, strikes: list[Strike], progress: Callable[[], float]) -> None:
        """Carry the script out, each strike when so much of the work is done."""
        for strike in strikes:
            while progress() < strike.at:
                await self._revive()
                await asyncio.sleep(LOOK_SECONDS)
            await self._revive()
            await self._strike(strike)
            self.counts[strike.kind] += 1
            if sys.stderr.isatty():
                print(f"\r{progress():5.0%} {self.kills} kills", end="", file=sys.stderr, flush=True)

    async def _strike(self, strike: Strike) -> None:
        target = self.members[int(strike.luck * len(self.members))]
        self.struck_at.append(time.time())
        match strike.kind:
            case "kill" if strike.luck * 10 % 1 < 0.1 and len(self.members) > 1:
                await asyncio.gather(*(self._kill(member, strike) for member in self.members))
            case "kill":
                await self._kill(target, strike)
            case "kill after accept":
                await self._kill_after_accept(strike)
            case "restart":
                await asyncio.sleep(max(0.0, SETTLED_SECONDS + target.started_at - time.monotonic()))
                await target.restart()
            case "pause":
                await self._pause(target, strike)
            case _:
                await self._others()[strike.kind]()
        self.struck_at.append(time.time())

    def _others(self) -> dict[str, Callable[[], Awaitable[None]]]:
        able: dict[str, Callable[[], Awaitable[None]]] = {}
        if self.postgres is not None:
            able["postgres"] = self.postgres.crash
        if self.redis is not None:
            able["redis"], able["flush"] = self.redis.crash, self.redis.flush
        return able

    async def _kill(self, member: Member, strike: Strike) -> None:
        least, most = LEAST_LIFE_SECONDS
        lived = time.monotonic() - member.started_at
        await asyncio.sleep(max(0.0, least + strike.luck * (most - least) - lived))
        self.kills += 1
        await member.kill()
        self.struck_at.append(time.time())

    async def _kill_after_accept(self, strike: Strike) -> None:
        """The provider says when it has taken a message and not answered yet: exactly then its sender dies."""
        self._hit.clear()
        link = Link(LOOPBACK, self.provider_port)
        await link.ask(post("/arm", b"{}"), seconds=HIT_SECONDS)
        link.hang_up()
        try:
            async with asyncio.timeout(HIT_SECONDS):
                await self._hit.wait()
        except TimeoutError:
            self.counts["not hit"] += 1
        member = next((one for one in self.members if one.has_port(self._hit_port)), self.members[-1])
        await self._kill(member, strike)

    async def _pause(self, member: Member, strike: Strike) -> None:
        least, most = PAUSE_SECONDS
        member.signal(signal.SIGSTOP)
        await asyncio.sleep(least + strike.luck * (most - least))
        member.signal(signal.SIGCONT)

    async def _revive(self) -> None:
        for member in self.members:
            await member.revive()
