"""The rules by which calls go wrong, as every sandbox has them."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from chaskiq_core.testing.sandbox import Fault, FaultKind, Faults


class AcmeFault(Fault):
    OWN_KINDS: ClassVar[frozenset[str]] = frozenset({"window_closed"})


def test_a_fault_meets_only_calls_with_its_parameters_whatever_their_type() -> None:
    faults = Faults[Fault]()
    faults.add(Fault(kind=FaultKind.SERVER_ERROR, method="messages", where={"to": "491"}))

    assert faults.take("messages", {"to": "492"}) is None
    assert faults.take("media", {"to": "491"}) is None
    assert faults.take("Messages", {"to": 491}) is not None
    assert faults.all == []


def test_what_passes_first_is_counted_and_then_so_many_go_wrong() -> None:
    faults = Faults[Fault]()
    faults.add(Fault(kind="429", skip=1, times=2))

    hit = [faults.take("messages", {}) is not None for _ in range(4)]

    assert hit == [False, True, True, False]


def test_a_providers_own_kind_is_known_to_its_sandbox_alone() -> None:
    assert AcmeFault(kind="window_closed").status is None
    with pytest.raises(ValidationError, match="window_closed is none of"):
        Fault(kind="window_closed")


@pytest.mark.parametrize(
    "wrong", [{"kind": "duplicate", "method": "messages"}, {"kind": "429", "method": "webhook"}, {"kind": "soon"}]
)
def test_a_fault_that_can_never_happen_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(wrong)


def test_a_number_is_a_kind_too_and_a_reset_before_is_never_carried_out() -> None:
    assert Fault.model_validate({"kind": 503, "accept": True}).is_carried_out
    assert not Fault(kind=FaultKind.RESET_BEFORE, accept=True).is_carried_out
    assert Fault(kind=FaultKind.RESET_AFTER).is_carried_out
