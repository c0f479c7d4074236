"""The oracle of the fault campaign sees what it is there to see: each kind of harm, done by hand to a good run."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from chaos.bot_api import Attempt, Record
from chaos.ledger import Ledger, Row
from chaos.oracle import SEND_SECONDS, judge
from chaos.plan import FIRST_CHAT, Follow, Plan

pytestmark = pytest.mark.anyio

BEGUN_AT = 5_000.0
PLAN = Plan(seed=1, messages=12, kills=0, bots=1, chats=1, rate=0, replies=1.0, notes=0)
CHAT = str(FIRST_CHAT)


@dataclass
class Run:
    """What is left of a run: all is well until it is harmed."""

    parts: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    canaries: int = 0
    struck_at: list[float] = field(default_factory=list)
    open_work: list[Row] = field(default_factory=list)

    def deliver(self, n: int, state: str, *, accepted: bool, fault: str = "") -> None:
        """Another end for a delivery."""
        self.deliveries[n] = (CHAT, self.deliveries[n][1], state, BEGUN_AT + SEND_SECONDS)
        self.attempts[n].accepted, self.attempts[n].fault = accepted, fault


class Kept(Ledger):
    """A database that holds a run."""

    def __init__(self, run: Run) -> None:
        super().__init__("sqlite:///nowhere")
        self._run = run

    async def rows(self, statement: str) -> list[Row]:
        if "p.app_user_id" in statement:
            return self._run.parts
        if "d.state" in statement:
            return self._run.deliveries
        if "UNION ALL" in statement:
            return self._run.open_work
        return []


def a_run() -> Run:
    run = Run()
    for message in PLAN.inbound:
        assert message.follow is Follow.REPLY
        run.parts += [(CHAT, message.text, 1, 0), (CHAT, message.answer, None, 0)]
        run.deliveries.append((CHAT, message.answer, "sent", BEGUN_AT + SEND_SECONDS))
        run.attempts.append(Attempt(FIRST_CHAT, message.answer, "", True, BEGUN_AT))
    return run


async def figures(run: Run) -> dict[str, int]:
    """Those that are not 0."""
    record = Record(run.canaries, run.attempts)
    verdict = await judge(PLAN, Kept(run), record, run.struck_at, acked=len(PLAN.inbound))
    names = ("lost", "duplicated", "reordered", "sent_twice", "unknown", "stuck", "wrong")
    found = {name: getattr(verdict, name) for name in names if getattr(verdict, name)}
    assert verdict.holds == (not found.keys() - {"unknown"})
    return found


def lose_a_message(run: Run) -> None:
    del run.parts[4]


def show_twice(run: Run) -> None:
    run.parts.insert(5, run.parts[4])


def swap_messages(run: Run) -> None:
    run.parts[4], run.parts[6] = run.parts[6], run.parts[4]


def send_twice(run: Run) -> None:
    run.attempts.insert(1, run.attempts[0])


def swap_sends(run: Run) -> None:
    run.attempts[1], run.attempts[2] = run.attempts[2], run.attempts[1]


def call_sent_what_was_not(run: Run) -> None:
    run.deliver(1, "sent", accepted=False, fault="500")


def call_sent_what_nobody_could_know(run: Run) -> None:
    run.deliver(1, "sent", accepted=True, fault="reset")


def call_failed_what_was_taken(run: Run) -> None:
    run.deliver(1, "failed", accepted=True, fault="reset")


def give_up(run: Run) -> None:
    run.deliver(1, "failed", accepted=False, fault="500")


def not_know_what_was_told(run: Run) -> None:
    run.deliver(1, "unknown", accepted=True)


def not_know_after_a_reset(run: Run) -> None:
    run.deliver(1, "unknown", accepted=True, fault="reset")


def not_know_after_a_kill(run: Run) -> None:
    run.deliver(1, "unknown", accepted=True)
    run.struck_at.append(BEGUN_AT + 1)


def leave_work(run: Run) -> None:
    run.open_work.append(("deliveries", 3))


def let_a_note_out(run: Run) -> None:
    run.canaries = 1


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (lose_a_message, {"lost": 1}),
        (show_twice, {"duplicated": 1}),
        (swap_messages, {"reordered": 1}),
        (send_twice, {"sent_twice": 1}),
        (swap_sends, {"reordered": 1}),
        (call_sent_what_was_not, {"wrong": 1}),
        (call_sent_what_nobody_could_know, {"wrong": 1}),
        (call_failed_what_was_taken, {"wrong": 1}),
        (give_up, {"lost": 1}),
        (not_know_what_was_told, {"unknown": 1, "wrong": 1}),
        (not_know_after_a_reset, {"unknown": 1}),
        (not_know_after_a_kill, {"unknown": 1}),
        (leave_work, {"stuck": 3}),
        (let_a_note_out, {"wrong": 1}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_each_harm_is_seen(harm: Callable[[Run], None], expected: dict[str, int]) -> None:
    run = a_run()
    assert await figures(run) == {}

    harm(run)

    assert await figures(run) == expected
