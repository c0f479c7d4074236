"""Token buckets: what goes now, what waits how long, and that waiting takes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.outbound.limits import RateLimits
from chaskiq_core.plugin import RateLimit

PER_CHAT = RateLimit(scope="chat", count=1, per_seconds=1)
PER_ACCOUNT = RateLimit(scope="account", count=3, per_seconds=1)
PER_GROUP = RateLimit(scope="group", count=20, per_seconds=60)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_chat_that_is_full_waits_and_another_does_not() -> None:
    limits = RateLimits(Clock())

    assert limits.take([PER_CHAT], account="a", chat="1", is_group=False) == 0
    assert limits.take([PER_CHAT], account="a", chat="1", is_group=False) == 1
    assert limits.take([PER_CHAT], account="a", chat="2", is_group=False) == 0


def test_who_waits_for_one_bucket_takes_from_no_other() -> None:
    limits = RateLimits(Clock())
    both = [PER_ACCOUNT, PER_CHAT]
    assert limits.take(both, account="a", chat="1", is_group=False) == 0
    for _ in range(5):
        assert limits.take(both, account="a", chat="1", is_group=False) > 0

    assert limits.take(both, account="a", chat="2", is_group=False) == 0
    assert limits.take(both, account="a", chat="3", is_group=False) == 0


def test_a_group_s_limit_holds_for_groups_only() -> None:
    limits = RateLimits(Clock())
    for _ in range(20):
        assert limits.take([PER_GROUP], account="a", chat="g", is_group=True) == 0

    assert limits.take([PER_GROUP], account="a", chat="g", is_group=True) > 0
    assert limits.take([PER_GROUP], account="a", chat="p", is_group=False) == 0


@given(waits=st.lists(st.floats(0, 3), max_size=50))
def test_whatever_the_times_no_window_holds_more_than_two_bursts(waits: list[float]) -> None:
    clock = Clock()
    limits = RateLimits(clock)
    went: list[float] = []
    for wait in waits:
        clock.now += wait
        if limits.take([PER_ACCOUNT], account="a", chat="1", is_group=False) == 0:
            went.append(clock.now)

    for start in went:
        assert sum(start <= at <= start + 1 for at in went) <= 6


@given(tries=st.integers(1, 20))
def test_after_the_wait_that_was_named_it_goes(tries: int) -> None:
    clock = Clock()
    limits = RateLimits(clock)
    for _ in range(tries):
        wait = limits.take([PER_ACCOUNT], account="a", chat="1", is_group=False)
        clock.now += wait + 1e-9
        if wait:
            assert limits.take([PER_ACCOUNT], account="a", chat="1", is_group=False) == 0
