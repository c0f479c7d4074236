"""The gate: which integrations may be worked on now, and how many of their lanes at once."""

from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.work.gate import Gate

ONE = IntegrationId(1)


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_paced_integration_is_closed_for_as_long_as_its_claimed_lanes_take() -> None:
    clock = Clock()
    gate = Gate(clock)
    gate.pace(ONE, 0.02)

    gate.claimed(ONE, 2)

    assert (gate.closed(), round(gate.opens_in() or 0, 6)) == (frozenset([ONE]), 0.04)


def test_the_time_that_a_claim_takes_is_not_lost_to_a_paced_integration() -> None:
    clock = Clock()
    gate = Gate(clock)
    gate.pace(ONE, 0.02)
    gate.claimed(ONE, 2)

    clock.now += 0.07

    assert gate.at_once() == {ONE: 4}
    gate.claimed(ONE, 2)
    assert round(gate.opens_in() or 0, 6) == 0.01


def test_what_was_missed_long_ago_is_not_made_up_for() -> None:
    clock = Clock()
    gate = Gate(clock)
    gate.pace(ONE, 0.02)
    gate.claimed(ONE, 2)

    clock.now += 60
    gate.pace(ONE, 0.02)

    assert gate.at_once() == {ONE: 15}
