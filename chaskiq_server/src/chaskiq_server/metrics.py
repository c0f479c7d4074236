"""`GET /metrics`: what the hub counts, as Prometheus reads it; in the server, or on a port of a worker's own."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

import anyio
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chaskiq_core import Chaskiq
from chaskiq_core.errors import ChaskiqError
from chaskiq_core.store.lane_figures import lane_figures
from chaskiq_core.telemetry import LANE_AGE, LANES_DUE, Distribution, Kind, Metric, Telemetry, Values
from chaskiq_server.access.bearer import Bearers
from chaskiq_server.access.observers import admit_observer
from chaskiq_server.access_log import AccessLog
from chaskiq_server.problems import explain_errors

PATH = "/metrics"
LANES_SECONDS = 5.0
"""How old the figures of the lanes may be: many scrapes are one look."""
DATABASE_SECONDS = 2.0
"""How long a scrape waits for the database; without it the other figures are shown."""

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
FAMILIES: Mapping[Kind, type[Family]] = {
    Kind.COUNTER: CounterMetricFamily,
    Kind.GAUGE: GaugeMetricFamily,
    Kind.HISTOGRAM: HistogramMetricFamily,
}


def metrics_route(chaskiq: Chaskiq, bearers: Bearers) -> Route:
    """The route of the page."""
    return Route(PATH, Metrics(chaskiq, bearers), name="metrics", include_in_schema=False, methods=["GET"])


def metrics_app(chaskiq: Chaskiq) -> Starlette:
    """An app with nothing but the page, for a process that serves no other: `serving(metrics_app(hub), listener)`.

    The hub is open, and is not closed with it.
    """
    app = Starlette(routes=[metrics_route(chaskiq, Bearers(chaskiq.store))])
    app.add_middleware(AccessLog)
    explain_errors(app)
    return app


class Metrics:
    """Answers with all figures of this process, and with the lanes of all."""

    path_format = PATH

    def __init__(self, chaskiq: Chaskiq, bearers: Bearers, clock: Callable[[], float] = time.monotonic) -> None:
        self._chaskiq = chaskiq
        self._bearers = bearers
        self._clock = clock
        self._looking = anyio.Lock()
        self._looked_at = float("-inf")
        self._registry = CollectorRegistry()
        self._registry.register(TelemetryCollector(chaskiq.telemetry))
        ProcessCollector(registry=self._registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await admit_observer(request, self._chaskiq, self._bearers)
        await self._look_at_lanes()
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        answer = Response(encode(self._registry), headers={"content-type": media_type, "cache-control": "no-store"})
        await answer(scope, receive, send)

    async def _look_at_lanes(self) -> None:
        telemetry = self._chaskiq.telemetry
        async with self._looking:
            if self._clock() - self._looked_at < LANES_SECONDS:
                return
            self._looked_at = self._clock()
            try:
                with anyio.fail_after(DATABASE_SECONDS):
                    figures = await self._chaskiq.store.house_read(lane_figures)
            except (ChaskiqError, TimeoutError):
                telemetry.forget(LANES_DUE)
                telemetry.forget(LANE_AGE)
                return
        for one in figures:
            telemetry.set(LANES_DUE, one.due, one.kind.value)
            telemetry.set(LANE_AGE, one.age_seconds, one.kind.value)


class TelemetryCollector(Collector):
    """The hub's figures as prometheus-client knows them."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def collect(self) -> Iterator[Family]:
        for metric, values in self._telemetry.series():
            yield _family(metric, values)


def _family(metric: Metric, values: Values) -> Family:
    family = FAMILIES[metric.kind](metric.name, metric.help, labels=metric.labels)
    for labels, value in values.items():
        if isinstance(family, HistogramMetricFamily):
            if isinstance(value, Distribution):
                family.add_metric(labels, buckets=_buckets(metric, value), sum_value=value.total)
        elif not isinstance(value, Distribution):
            family.add_metric(labels, value)
    return family


def _buckets(metric: Metric, seen: Distribution) -> list[tuple[str, float]]:
    """Each bound with how many values are not above it, as Prometheus counts."""
    names = [*(str(bound) for bound in metric.buckets), "+Inf"]
    return [(name, float(count)) for name, count in zip(names, accumulate(seen.counts), strict=True)]
