"""Spans for OpenTelemetry, where it is configured: an SDK that stands already, or an endpoint in the environment."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points

from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider, Status, StatusCode, TracerProvider

from chaskiq_core.correlation import correlation_id

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EXPORTERS = "opentelemetry_traces_exporter"
"""The group of entry points in which OpenTelemetry's exporters announce themselves."""
PROTOCOLS = ("otlp_proto_http", "otlp_proto_grpc")
MISSING = (
    "%s is set, and what sends spans there is not installed: pip install opentelemetry-sdk "
    "opentelemetry-exporter-otlp-proto-http"
)
log = logging.getLogger("chaskiq.tracing")


class OpenTelemetrySpans:
    """Keeps the house's spans with a provider; by default the process's own."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._tracer = trace.get_tracer("chaskiq", tracer_provider=provider)

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, str | int], /) -> Iterator[None]:
        """A span `chaskiq NAME` with the correlation id. Of an error its kind: what it says may quote a provider."""
        known = {f"chaskiq.{key}": value for key, value in attributes.items()}
        if (current := correlation_id()) is not None:
            known["chaskiq.correlation_id"] = current
        with self._tracer.start_as_current_span(
            f"chaskiq {name}", attributes=known, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise


def find_exporter() -> object | None:
    """An OTLP exporter that is installed, configured by its own environment variables."""
    for name in PROTOCOLS:
        for entry in entry_points(group=EXPORTERS, name=name):
            made: object = entry.load()()
            return made
    return None


def spans_from(
    environment: Mapping[str, str], *, exporter: Callable[[], object | None] = find_exporter
) -> OpenTelemetrySpans | None:
    """Who keeps spans as OpenTelemetry's variables want it; None: nobody asked for any, or it can't be done."""
    if not isinstance(trace.get_tracer_provider(), ProxyTracerProvider):
        return OpenTelemetrySpans()  # `opentelemetry-instrument`, or the embedder, has set the process up
    endpoint = next((name for name in ENDPOINTS if environment.get(name)), None)
    if endpoint is None or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider as SdkProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
    except ImportError:
        log.warning(MISSING, endpoint)
        return None
    made = exporter()
    if not isinstance(made, SpanExporter):
        log.warning(MISSING, endpoint)
        return None
    resource = Resource({SERVICE_NAME: "chaskiq"}).merge(OTELResourceDetector().detect())
    provider = SdkProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(made))
    return OpenTelemetrySpans(provider)
