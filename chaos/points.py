"""Crash points, enumerated: a message in and its answer out, the server killed at the n-th commit, send or receive.

For every n until the life is over before the n-th comes. After each death the message is delivered again if it was not
acknowledged, and once leases are over all must be as if nothing had happened: one part, one answer, sent or unknown.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field

from chaos.bot_api import Record
from chaos.campaign import Furnished, furnished, read_record
from chaos.driver import SECRET_HEADER, update
from chaos.house import Ground, Member
from chaos.link import Link, NoAnswerError, post
from chaos.plan import FIRST_CHAT, LOOPBACK, Follow, Message, Plan
from chaos.point_process import VARIABLE, serve_until_point

SECONDS = 100.0
LOOK_SECONDS = 0.05
TELL_EVERY = 10
SURVIVED = 2
"""So many lives in a row that ended before their point: there is no further one."""


@dataclass(slots=True)
class Points:
    """What came of all points."""

    database: str
    deaths: int = 0
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The one line of figures."""
        states = ", ".join(f"{state} {count}" for state, count in sorted(self.states.items()))
        return f"crash points {self.deaths} ({self.database}): {states}; wrong {len(self.wrong)}"


async def enumerate_points(database: str, *, every: int = 1, most: int | None = None) -> Points:
    """Play the life again and again on `sqlite` or `postgres`; each `every`-th point, at most `most` of them."""
    found = Points(database)
    plan = Plan(seed=-1, messages=1, kills=0, bots=1, chats=1, rate=0)
    async with furnished(plan, database, _crowd) as house:
        survived = 0
        before: Message | None = None
        for n in itertools.count(1, every):
            message = Message(FIRST_CHAT + n, 0, Follow.ECHO)
            await _restart(house, at=n)
            if before is not None:
                await _check(found, house, before)
            if survived == SURVIVED or (most is not None and found.deaths >= most):
                break
            if await _live(house, message):
                survived += 1
            else:
                survived = 0
                found.deaths += 1
            before = message
            if n % TELL_EVERY == 0:
                print(f"  point {n}: {found.line}", file=sys.stderr, flush=True)
    return found


def _crowd(ground: Ground, database: str, port: int) -> list[Member]:
    return [Member("serve", (str(port),), ground, port, entry=serve_until_point, more={VARIABLE: "0"})]


async def _restart(house: Furnished, *, at: int) -> None:
    """A server that is to die at a point; what the one before it left is over."""
    [member] = house.members
    if not member.is_dead:
        await member.stop()
    await house.ledger.is_left()
    await house.ledger.let_time_pass()
    member.more[VARIABLE] = str(at)
    await member.start()


async def _live(house: Furnished, message: Message) -> bool:
    """Deliver the message and let it live until its answer is out, or the server is dead: whether it survived."""
    [member] = house.members
    os.kill(member.pid, signal.SIGUSR1)
    await _deliver(house, message)
    async with asyncio.timeout(SECONDS):
        while not (member.is_dead or await _is_over(house, message)):  # noqa: ASYNC110  it has no event of ours
            await asyncio.sleep(LOOK_SECONDS)
    if not member.is_dead:
        os.kill(member.pid, signal.SIGUSR2)
    return not member.is_dead


async def _deliver(house: Furnished, message: Message) -> int:
    """As Telegram does; the answer's status, 0 for none."""
    [hook] = house.hooks.values()
    link = Link(LOOPBACK, house.port)
    try:
        request = post(hook.path, update(message, message.chat), **{SECRET_HEADER: hook.secret})
        return (await link.ask(request, seconds=10)).status
    except NoAnswerError:
        return 0
    finally:
        link.hang_up()


async def _is_over(house: Furnished, message: Message) -> bool:
    states = await _states(house, message)
    return bool(states) and not set(states) & {"queued", "sending"}


async def _states(house: Furnished, message: Message) -> list[str]:
    rows = await house.ledger.rows(
        "SELECT d.state FROM chaskiq_deliveries AS d JOIN chaskiq_conversation_channels AS c ON c.id = d.channel_id "
        f"WHERE c.channel_id = '{message.chat}'"
    )
    return [str(state) for [state] in rows]


async def _check(found: Points, house: Furnished, message: Message) -> None:
    """Deliver it once more, as a provider without an answer would; then look at everything."""
    if (status := await _deliver(house, message)) != 200:
        found.wrong.append(f"point {message.chat - FIRST_CHAT}: delivered again it was answered {status}")
    if open_work := await house.ledger.is_quiet(seconds=SECONDS):
        found.wrong.append(f"point {message.chat - FIRST_CHAT}: stuck {open_work}")
    rows = await house.ledger.rows(
        "SELECT p.text FROM chaskiq_conversation_parts AS p JOIN chaskiq_conversation_channels AS c "
        f"ON c.conversation_id = p.conversation_id WHERE c.channel_id = '{message.chat}' ORDER BY p.seq"
    )
    texts = [str(text) for [text] in rows]
    states = await _states(house, message)
    taken = _taken(await read_record(house), message)
    found.states.update(states)
    if texts != [message.text, message.answer]:
        found.wrong.append(f"point {message.chat - FIRST_CHAT}: parts {texts}")
    if states not in (["sent"], ["unknown"]) or taken > 1 or (states == ["sent"] and not taken):
        found.wrong.append(f"point {message.chat - FIRST_CHAT}: {states}, taken {taken} times")


def _taken(record: Record, message: Message) -> int:
    return sum(one.accepted for one in record.attempts if (one.chat, one.text) == (message.chat, message.answer))
