"""Spans for OpenTelemetry: a webhook, its elements, jobs and calls, each with the correlation id; none unasked."""

import logging
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.content import document_from_text
from chaskiq_core.errors import ContentError
from chaskiq_core.plugin import AddPart, Effect, PartView, hookimpl
from chaskiq_core.telemetry import NO_SPAN, Telemetry
from chaskiq_server.tracing import OpenTelemetrySpans, spans_from
from tests.harness.databases import Database
from tests.harness.house import HOOK_TOKEN, House, a_house, a_message
from tests.harness.wait import until
from tests.watching.test_correlation import webhook

pytestmark = pytest.mark.anyio


class Greeter:
    """Answers a customer."""

    @hookimpl
    async def part_added(self, part: PartView) -> Sequence[Effect]:
        return [AddPart(content=document_from_text("hello"))] if part.author.type == "app_user" else []


def kept() -> tuple[Telemetry, InMemorySpanExporter]:
    """Telemetry whose spans are kept in memory."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Telemetry(tracer=OpenTelemetrySpans(provider)), exporter


def of_kind(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == f"chaskiq {name}"]


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


async def spanned(house: House, exporter: InMemorySpanExporter, name: str, count: int) -> list[ReadableSpan]:
    """Wait until so many spans of a kind have ended."""

    async def are_there() -> bool:
        return len(of_kind(exporter, name)) >= count

    await until(are_there)
    return of_kind(exporter, name)


async def test_spans_lead_from_a_webhook_to_the_call_that_sends_the_answer(database: Database) -> None:
    telemetry, exporter = kept()
    async with a_house(database, plugins={"greeter": Greeter()}, telemetry=telemetry) as house:
        answer = await house.chaskiq.answer(HOOK_TOKEN, webhook(a_message(1, "Hi")))

        [call] = await spanned(house, exporter, "provider call", 1)
        jobs = await spanned(house, exporter, "job", 1)

    mine = {"chaskiq.correlation_id": answer.correlation_id}
    [received], [item] = of_kind(exporter, "webhook"), of_kind(exporter, "inbound item")
    assert attributes(received) == attributes(item) == mine
    assert attributes(of_kind(exporter, "inbound batch")[0]) == {"chaskiq.items": 1}
    assert attributes(jobs[0]) == {**mine, "chaskiq.kind": "observer"}
    assert attributes(call) == {**mine, "chaskiq.provider": "tiny", "chaskiq.hook": "send"}


async def test_a_span_tells_the_kind_of_an_error_and_not_what_it_says(database: Database) -> None:
    telemetry, exporter = kept()
    async with a_house(database, telemetry=telemetry) as house:
        conversation = await house.customer_writes("Hi")
        house.tiny.outbox.faults.append(ContentError("bad hunter2"))
        await house.reply(conversation.key, "Hello")

        [call] = await spanned(house, exporter, "provider call", 1)

    assert (call.status.is_ok, call.status.description) == (False, "ContentError")
    assert "hunter2" not in call.to_json()


def test_without_a_tracer_a_span_is_nothing() -> None:
    assert Telemetry().span("job", kind="observer") is NO_SPAN


@pytest.mark.parametrize(
    ("environment", "asked", "found", "warned"),
    [
        ({}, False, False, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, True, True, False),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9"}, True, False, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "TRUE"}, False, False, False),
    ],
)
def test_spans_are_kept_where_the_environment_wants_it(
    environment: dict[str, str], asked: bool, found: bool, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = InMemorySpanExporter()
    calls: list[None] = []

    def make() -> object | None:
        calls.append(None)
        return exporter if found else None

    spans = spans_from(environment, exporter=make)

    assert bool(calls) == asked
    assert (spans is not None) == found
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * warned


def test_an_embedder_gives_a_tracer_of_its_own() -> None:
    telemetry, _ = kept()

    chaskiq = Chaskiq(load_settings(secret_key="x" * 32, _env_file=None), telemetry=telemetry)

    assert chaskiq.telemetry is telemetry
