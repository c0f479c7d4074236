"""Budgets: what the manifest names, taken from all that are concerned or from none; the same in memory and in Redis."""

from collections.abc import Sequence

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.outbound.budgets import Budget, Wait, budgets_of
from chaskiq_core.outbound.limits import MemoryLimits
from chaskiq_core.outbound.redis_limits import RedisLimits
from chaskiq_core.plugin import RateLimit
from tests.harness.redis_server import RedisServer

pytestmark = pytest.mark.anyio

LIMITS = (
    RateLimit(scope="account", count=10, per_seconds=1),
    RateLimit(scope="chat", count=1, per_seconds=1, burst=2),
    RateLimit(scope="group", count=20, per_seconds=60, burst=1),
    RateLimit(scope="pair", count=1, per_seconds=6, burst=2),
)


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def of(chat: str, *, is_group: bool = False, limits: Sequence[RateLimit] = LIMITS[:2]) -> tuple[Budget, ...]:
    return budgets_of(limits, provider="tiny", account="a", chat=chat, is_group=is_group)


def test_each_level_counts_for_those_it_concerns() -> None:
    private, group = of("7", limits=LIMITS), of("-7", is_group=True, limits=LIMITS)

    assert [budget.name for budget in private] == ["tiny/a", "tiny/a/7", "tiny/a/7/pair"]
    assert [budget.name for budget in group] == ["tiny/a", "tiny/a/-7", "tiny/a/-7/group"]
    assert [budget.whole_account for budget in private] == [True, False, False]
    assert [(budget.interval, budget.burst) for budget in group] == [(0.1, 10), (1, 2), (3, 1)]


def test_a_chat_that_is_full_waits_and_another_does_not() -> None:
    limits = MemoryLimits(Clock())

    assert [limits.take_now(of("7")) for _ in range(3)] == [None, None, Wait(seconds=1, whole_account=False)]
    assert limits.take_now(of("8")) is None


def test_who_waits_for_one_budget_takes_from_no_other() -> None:
    limits = MemoryLimits(Clock())
    for _ in range(20):
        limits.take_now(of("7"))

    assert [limits.take_now(of(str(n))) for n in range(8, 16)] == [None] * 8


def test_an_account_that_is_full_says_so() -> None:
    limits = MemoryLimits(Clock())
    for n in range(10):
        assert limits.take_now(of(str(n))) is None

    wait = limits.take_now(of("another"))

    assert wait is not None
    assert (round(wait.seconds, 6), wait.whole_account) == (0.1, True)


async def test_a_pause_holds_back_its_budget_only() -> None:
    clock = Clock()
    limits = MemoryLimits(clock)
    await limits.pause(of("7")[1], 5)

    assert limits.take_now(of("7")) == Wait(seconds=5, whole_account=False)
    assert limits.take_now(of("8")) is None
    clock.now += 5
    assert limits.take_now(of("7")) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.floats(0, 2)), max_size=60))
def test_no_window_holds_more_than_a_burst_and_what_flows_in_meanwhile(sends: list[tuple[str, int, float]]) -> None:
    clock = Clock()
    limits = MemoryLimits(clock)
    taken: list[tuple[float, int]] = []
    for chat, count, wait in sends:
        clock.now += wait
        if limits.take_now(of(chat), count=count) is None:
            taken.append((clock.now, count))

    for n, (first, _) in enumerate(taken):
        for last in range(n, len(taken)):
            sent = sum(count for _, count in taken[n : last + 1])
            assert sent <= 10 + (taken[last][0] - first) * 10 + 3 + 1e-6


@given(st.integers(1, 60))
def test_after_the_wait_that_was_named_it_goes(tries: int) -> None:
    clock = Clock()
    limits = MemoryLimits(clock)
    for n in range(tries):
        while (wait := limits.take_now(of(str(n % 3)))) is not None:
            clock.now += wait.seconds + 1e-9


async def test_two_workers_share_one_budget_through_redis(redis: RedisServer) -> None:
    first, second = RedisLimits(redis.url), RedisLimits(redis.url)
    budgets = (Budget(name="x", interval=60.0, burst=3, whole_account=True),)

    taken = [await limits.take(budgets) for limits in (first, second, first, second, first)]

    assert taken[:3] == [None] * 3
    assert all(wait is not None and wait.whole_account and 50 < wait.seconds <= 60 for wait in taken[3:])
    await first.close()
    await second.close()


async def test_a_pause_is_known_to_all_workers(redis: RedisServer) -> None:
    first, second = RedisLimits(redis.url), RedisLimits(redis.url)

    await first.pause(of("7")[1], 30)
    waits = [await second.take(of(chat)) for chat in ("7", "8")]

    assert waits[0] is not None
    assert (29 < waits[0].seconds <= 30, waits[0].whole_account, waits[1]) == (True, False, None)
    await first.close()
    await second.close()


async def test_redis_and_memory_keep_the_same_rule(redis: RedisServer) -> None:
    shared, own = RedisLimits(redis.url), MemoryLimits()
    budgets = tuple(Budget(name=f"x{n}", interval=20.0 * (n + 1), burst=4 - n, whole_account=n == 0) for n in range(3))
    for count in (1, 2, 1, 3, 1):
        for some in (budgets[:1], budgets, budgets[1:]):
            there, here = await shared.take(some, count=count), own.take_now(some, count=count)
            assert (there is None) == (here is None)
            if there is not None and here is not None:
                assert abs(there.seconds - here.seconds) < 1
                assert there.whole_account == here.whole_account
    await shared.close()


async def test_without_redis_each_keeps_its_own_budgets(redis: RedisServer) -> None:
    limits = RedisLimits(redis.url)
    redis.kill()
    budgets = (Budget(name="x", interval=60.0, burst=1),)

    with anyio.fail_after(10):
        taken = [await limits.take(budgets) for _ in range(2)]

    assert taken[0] is None
    assert taken[1] is not None
    await limits.close()
