"""The same driver against bot frameworks' own webhook servers, killed again and again: what they acked and lost."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaos.backing import a_folder
from chaos.driver import Hook, orders_for
from chaos.house import Ground, Member, free_port
from chaos.lines import Talker, talking
from chaos.peer_process import PATH, SECRET, serve_aiogram, serve_python_telegram_bot
from chaos.plan import Plan

STILL_SECONDS = 3.0
"""When nothing was handled for so long, nothing will be."""
PEERS: dict[str, Callable[[Sequence[str]], int]] = {
    "python-telegram-bot": serve_python_telegram_bot,
    "aiogram": serve_aiogram,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerOutcome:
    """What came of a run against one."""

    name: str
    plan: Plan
    kills: int
    lost: int
    """Answered 200 and never handled."""
    twice: int

    @property
    def line(self) -> str:
        """The one line of figures."""
        acked = len(self.plan.inbound)
        return (
            f"{self.name}: messages {acked:,}, kills {self.kills}, lost {self.lost}, handled twice {self.twice} "
            f"({self.plan.rate:.0f} a second, seed {self.plan.seed})"
        )


async def play(name: str, plan: Plan) -> PeerOutcome:
    """Load a peer with what people write in a plan, and kill it as often as the plan says."""
    with a_folder() as folder:
        port, handled = free_port(), folder / "handled"
        ground = Ground(folder=folder, environment={})
        member = Member(name, (str(port), str(handled)), ground, None, entry=PEERS[name])
        hooks = {plan.bot_of(message.chat): Hook(path=PATH, secret=SECRET) for message in plan.inbound}
        orders = folder / "orders.json"
        orders.write_text(orders_for(plan, port=port, hooks=hooks, app_key="", token=""))
        await member.start()
        try:
            async with talking("chaos.driver", str(orders)) as driver, asyncio.TaskGroup() as tasks:
                killing = tasks.create_task(_kill(member, plan, driver))
                await driver.says("done")
                await killing
            lines = await _settled(lambda: handled.read_text().splitlines() if handled.exists() else [])
        finally:
            if member.process is not None:
                member.process.kill()
                member.process.join()
    return PeerOutcome(
        name=name,
        plan=plan,
        kills=plan.kills,
        lost=len({f"{message.chat} {message.text}" for message in plan.inbound} - set(lines)),
        twice=len(lines) - len(set(lines)),
    )


async def _kill(member: Member, plan: Plan, driver: Talker) -> None:
    luck = random.Random(f"{plan.seed}/peers")
    for at in sorted(luck.uniform(0.01, 0.97) for _ in range(plan.kills)):
        while int(str(driver.last.get("acked", 0))) < at * len(plan.inbound):  # noqa: ASYNC110  it is another process
            await asyncio.sleep(0.02)
        await member.kill()


async def _settled(read: Callable[[], list[str]]) -> list[str]:
    """What there is once it grows no more."""
    lines = read()
    while True:
        await asyncio.sleep(STILL_SECONDS)
        if len(now := read()) == len(lines):
            return now
        lines = now
