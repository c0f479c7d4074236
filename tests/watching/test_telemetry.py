"""The figures of a hub: counted, bounded, shown from the start, and never about one person or integration."""

import pytest

from chaskiq_core.telemetry import (
    CABLE_CONNECTIONS,
    CALL_SECONDS,
    FORGOTTEN_LANES,
    MAX_SERIES,
    METRICS,
    OTHER,
    WEBHOOKS,
    Distribution,
    Kind,
    Metric,
    Telemetry,
)

BOUNDED = {"provider", "result", "kind", "state", "outcome", "plugin", "hook"}
"""Labels whose values come from our own lists or from installed plugins."""


def test_a_counter_grows_and_a_gauge_is_set() -> None:
    telemetry = Telemetry()
    colour = Metric(name="an_embedder_s_own", help="", kind=Kind.GAUGE, labels=("colour",))

    telemetry.count(WEBHOOKS, "tiny", "accepted")
    telemetry.count(WEBHOOKS, "tiny", "accepted", by=2)
    telemetry.set(colour, 7, "red")
    telemetry.set(colour, 5, "red")

    assert telemetry.value(WEBHOOKS, "tiny", "accepted") == 3
    assert telemetry.value(WEBHOOKS, "tiny", "refused") == 0
    assert dict(telemetry.series())[colour] == {("red",): 5}


def test_a_gauge_is_held_for_a_block_whatever_ends_it() -> None:
    telemetry = Telemetry()

    def hold() -> None:
        with telemetry.held(CABLE_CONNECTIONS):
            assert telemetry.value(CABLE_CONNECTIONS) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hold()

    assert telemetry.value(CABLE_CONNECTIONS) == 0


def test_a_histogram_has_a_place_for_each_value() -> None:
    telemetry = Telemetry()

    for seconds in (0.01, 0.02, 0.5, 1000.0):
        telemetry.observe(CALL_SECONDS, seconds, "tiny", "send", "ok")

    seen = dict(telemetry.series())[CALL_SECONDS][("tiny", "send", "ok")]
    assert isinstance(seen, Distribution)
    assert [bound for bound, count in zip(CALL_SECONDS.buckets, seen.counts, strict=False) if count] == [
        0.01,
        0.025,
        0.5,
    ]
    assert seen.counts[-1] == 1
    assert seen.total == pytest.approx(1000.53)


def test_what_must_stay_0_is_0_from_the_start() -> None:
    assert dict(Telemetry().series())[FORGOTTEN_LANES] == {("in",): 0, ("out",): 0, ("job",): 0}


def test_a_mistake_in_a_label_can_not_fill_the_memory() -> None:
    telemetry = Telemetry()

    for n in range(MAX_SERIES + 10):
        telemetry.count(WEBHOOKS, "tiny", str(n))

    assert len(dict(telemetry.series())[WEBHOOKS]) == MAX_SERIES + 1
    assert telemetry.value(WEBHOOKS, OTHER, OTHER) == 10
    with pytest.raises(ValueError, match="has the labels"):
        telemetry.count(WEBHOOKS, "tiny")


def test_every_metric_says_what_it_is_and_has_bounded_labels() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.help.endswith("."), metric.name
        assert metric.name.startswith("chaskiq_")
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER), metric.name
        assert set(metric.labels) <= BOUNDED
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
        assert list(metric.buckets) == sorted(set(metric.buckets))
