"""What one hub counts and measures, in plain dictionaries; whoever serves it (Prometheus, say) reads `series`.

A label's value is one of a few: a provider, a plugin, a hook, a state, an error class; never an id, a name or a text
that a stranger chose. Counting is for the event loop's thread, and outside of acts, which may run twice.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

UNKNOWN = "unknown"
"""The provider of a webhook that is nobody's."""
OTHER = "other"
MAX_SERIES = 1_000
"""Of one metric; what would be one more is counted as `other`, so that a mistake in a label can't fill the memory."""
CALL_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LATENCY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)
LANE_KINDS = (("in",), ("out",), ("job",))


class Kind(StrEnum):
    """What a metric is."""

    COUNTER = "counter"
    """It only grows, until the process ends."""
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metric:
    """A metric's declaration."""

    name: str
    help: str
    kind: Kind = Kind.COUNTER
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram, rising."""
    shown: tuple[tuple[str, ...], ...] = ()
    """Labels that stand at 0 from the start, for an alarm that must know the difference between 0 and nothing."""


@dataclass(slots=True)
class Distribution:
    """The values that a histogram has seen."""

    counts: list[int]
    """How many fell into each bucket; the last is for what is above all bounds."""
    total: float = 0.0


Values = Mapping[tuple[str, ...], float | Distribution]

WEBHOOKS = Metric(
    name="chaskiq_webhooks_total",
    help="Webhooks by result: accepted, answered (a handshake), refused, unreadable, unknown_token, wrong_method, "
    "too_large, unavailable (503), failed (500).",
    labels=("provider", "result"),
)
INBOUND_ITEMS = Metric(
    name="chaskiq_inbound_items_total",
    help="Elements of webhooks by what they came to: done, ignored, failed (parked).",
    labels=("provider", "result"),
)
INBOUND_SECONDS = Metric(
    name="chaskiq_inbound_seconds",
    help="From a webhook's arrival until what it says is written.",
    kind=Kind.HISTOGRAM,
    labels=("provider",),
    buckets=LATENCY_BUCKETS,
)
LANES_DUE = Metric(
    name="chaskiq_lanes_due",
    help="Lanes (in, out, job) that have something to do now, in all processes; asked for at the scrape.",
    kind=Kind.GAUGE,
    labels=("kind",),
)
LANE_AGE = Metric(
    name="chaskiq_lane_age_seconds",
    help="How long the lane that is due longest has waited; asked for at the scrape.",
    kind=Kind.GAUGE,
    labels=("kind",),
)
FORGOTTEN_LANES = Metric(
    name="chaskiq_forgotten_lanes_total",
    help="Lanes that had work and nobody knew it, found by the sweep; must stay 0.",
    labels=("kind",),
    shown=LANE_KINDS,
)
DELIVERY_SECONDS = Metric(
    name="chaskiq_delivery_seconds",
    help="From a delivery's creation until it was sent, failed, unknown or cancelled.",
    kind=Kind.HISTOGRAM,
    labels=("provider", "state"),
    buckets=LATENCY_BUCKETS,
)
SENDS = Metric(
    name="chaskiq_sends_total",
    help="Attempts to send a piece, by outcome: sent, or the class of the error.",
    labels=("provider", "outcome"),
)
RETRIES = Metric(
    name="chaskiq_send_retries_total",
    help="Sends of which the provider took nothing and that are tried again.",
    labels=("provider",),
)
LIMITER_WAITS = Metric(
    name="chaskiq_limiter_waits_total",
    help="How often a delivery had to wait for the provider's rate limits.",
    labels=("provider",),
)
LIMITER_SECONDS = Metric(
    name="chaskiq_limiter_wait_seconds_total", help="How long they were told to wait.", labels=("provider",)
)
BREAKERS = Metric(
    name="chaskiq_breakers",
    help="Integrations by the state of their circuit breaker, as this process sees them.",
    kind=Kind.GAUGE,
    labels=("provider", "state"),
)
CALL_SECONDS = Metric(
    name="chaskiq_provider_call_seconds",
    help="Calls of a channel's network hooks, by outcome: ok, the class of a SendError, or plugin_error.",
    kind=Kind.HISTOGRAM,
    labels=("provider", "hook", "outcome"),
    buckets=CALL_BUCKETS,
)
PLUGIN_FAILURES = Metric(
    name="chaskiq_plugin_failures_total",
    help="Hooks that raised, hung or returned what they may not.",
    labels=("plugin", "hook"),
)
JOBS = Metric(
    name="chaskiq_jobs_total", help="Jobs by what a run came to: ended, retried, failed.", labels=("kind", "result")
)
CALLS_DROPPED = Metric(
    name="chaskiq_call_log_dropped_total",
    help="Calls of network hooks that were forgotten before they were written to the log.",
    shown=((),),
)
CABLE_CONNECTIONS = Metric(name="chaskiq_cable_connections", help="Open WebSockets.", kind=Kind.GAUGE, shown=((),))

METRICS = (
    WEBHOOKS,
    INBOUND_ITEMS,
    INBOUND_SECONDS,
    LANES_DUE,
    LANE_AGE,
    FORGOTTEN_LANES,
    DELIVERY_SECONDS,
    SENDS,
    RETRIES,
    LIMITER_WAITS,
    LIMITER_SECONDS,
    BREAKERS,
    CALL_SECONDS,
    PLUGIN_FAILURES,
    JOBS,
    CALLS_DROPPED,
    CABLE_CONNECTIONS,
)
"""All that the house declares; a plugin's or an embedder's own metric is kept beside them."""


class Tracer(Protocol):
    """Whoever keeps spans: what was done, how long it took, within what."""

    def span(self, name: str, attributes: Mapping[str, str | int], /) -> AbstractContextManager[None]:
        """A span for the length of a block; an error that leaves the block is the span's, and goes on."""
        ...


NO_SPAN = nullcontext()


@dataclass(slots=True)
class Telemetry:
    """The values of one hub, and who keeps its spans."""

    tracer: Tracer | None = None
    """None: nobody, and a span costs nothing."""
    _numbers: dict[Metric, dict[tuple[str, ...], float]] = field(default_factory=dict)
    _distributions: dict[Metric, dict[tuple[str, ...], Distribution]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for metric in METRICS:
            if metric.kind is Kind.HISTOGRAM:
                self._distributions[metric] = {}
            else:
                self._numbers[metric] = dict.fromkeys(metric.shown, 0.0)

    def count(self, metric: Metric, *labels: str, by: float = 1.0) -> None:
        """Add to a counter, or to a gauge."""
        values = self._numbers.get(metric)
        if values is None:
            values = self._numbers[metric] = {}
        if labels not in values:
            labels = _new_labels(metric, labels, len(values))
        values[labels] = values.get(labels, 0.0) + by

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """Set a gauge."""
        values = self._numbers.setdefault(metric, {})
        if labels not in values:
            labels = _new_labels(metric, labels, len(values))
        values[labels] = value

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """Add a value to a histogram."""
        distributions = self._distributions.setdefault(metric, {})
        if labels not in distributions:
            labels = _new_labels(metric, labels, len(distributions))
        found = distributions.get(labels)
        if found is None:
            found = distributions[labels] = Distribution([0] * (len(metric.buckets) + 1))
        found.counts[bisect_left(metric.buckets, value)] += 1
        found.total += value

    def forget(self, metric: Metric) -> None:
        """Show nothing of a gauge: nobody knows its value now."""
        self._numbers.pop(metric, None)

    @contextmanager
    def held(self, metric: Metric, *labels: str) -> Iterator[None]:
        """A gauge is one higher for the length of the block."""
        self.count(metric, *labels)
        try:
            yield
        finally:
            self.count(metric, *labels, by=-1.0)

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[None]:
        """A span of the house: `webhook`, `inbound item`, `inbound batch`, `job`, `provider call`."""
        return NO_SPAN if self.tracer is None else self.tracer.span(name, attributes)

    def series(self) -> Iterator[tuple[Metric, Values]]:
        """All metrics with their values."""
        yield from self._numbers.items()
        yield from self._distributions.items()

    def value(self, metric: Metric, *labels: str) -> float:
        """One number; of a histogram how many values it has seen. 0: nothing was counted."""
        if metric.kind is Kind.HISTOGRAM:
            found = self._distributions.get(metric, {}).get(labels)
            return sum(found.counts) if found else 0
        return self._numbers.get(metric, {}).get(labels, 0.0)


def _new_labels(metric: Metric, labels: tuple[str, ...], known: int) -> tuple[str, ...]:
    """The labels of a series that was not there; what would be too many is one of `other`."""
    if len(labels) != len(metric.labels):
        raise ValueError(f"{metric.name} has the labels {metric.labels}, not {labels}")
    return labels if known < MAX_SERIES else (OTHER,) * len(labels)
