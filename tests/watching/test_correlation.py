"""One id from a webhook to the delivery of what a bot answers, over rows, jobs and processes; and from a request."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.correlation import CorrelationFilter, correlated, correlation_id, is_sane
from chaskiq_core.desk import integrations
from chaskiq_core.model import Delivery, InboundRequest, Job
from chaskiq_core.plugin import AddPart, Effect, PartView, WebhookRequest, hookimpl
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import HouseUnit, Unit
from chaskiq_server.logs import JsonLines, PlainLines
from tests.harness.databases import Database
from tests.harness.house import HOOK_TOKEN, a_house, a_message
from tests.harness.server import RunningServer, running_server
from tests.harness.tiny_channel import SECRET
from tests.harness.wait import until

pytestmark = pytest.mark.anyio


class Greeter:
    """Answers a customer."""

    @hookimpl
    async def part_added(self, part: PartView) -> Sequence[Effect]:
        logging.getLogger("chaskiq.plugin.greeter").warning("greeting")
        return [AddPart(content=document_from_text(f"hello, {part.text}"))] if part.author.type == "app_user" else []


@contextmanager
def logged(formatter: logging.Formatter) -> Iterator[io.StringIO]:
    """What a handler as the server's writes meanwhile."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    handler.addFilter(CorrelationFilter())
    ours = logging.getLogger("chaskiq")
    before, level = list(ours.handlers), ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield written
    finally:
        ours.handlers = before
        ours.setLevel(level)


def ids_of(written: io.StringIO, *loggers: str) -> dict[str, list[str | None]]:
    """Who logged under which ids, in order."""
    found: dict[str, list[str | None]] = {}
    for line in written.getvalue().splitlines():
        said = json.loads(line)
        if said["logger"] in loggers and "took" not in said["message"]:
            found.setdefault(said["logger"], []).append(said.get("correlation_id"))
    return found


def carried(unit: Unit) -> tuple[list[int], set[str | None], list[str | None]]:
    """The ids of all webhooks; whose work jobs and deliveries are."""
    requests = unit.all(unit.select(InboundRequest).order_by(InboundRequest.id))
    jobs = unit.all(unit.select(Job))
    deliveries = unit.all(unit.select(Delivery).order_by(Delivery.id))
    return (
        [one.id for one in requests],
        {one.correlation_id for one in jobs},
        [one.correlation_id for one in deliveries],
    )


def webhook(*messages: dict[str, object]) -> WebhookRequest:
    body = json.dumps({"messages": messages}).encode()
    return WebhookRequest(headers={"x-tiny-secret": SECRET}, body=body)


async def test_one_id_leads_from_a_webhook_to_the_delivery_of_its_answer(database: Database) -> None:
    ours = ("chaskiq.inbound", "chaskiq.plugin.greeter", "chaskiq.errands", "chaskiq.outbound")
    with logged(JsonLines()) as written:
        async with a_house(database, workers=False) as taking_in:
            answered = await taking_in.chaskiq.answer(HOOK_TOKEN, webhook(a_message(1, "Ann")))
        async with a_house(database, plugins={"greeter": Greeter()}) as working:
            await working.quiet()

            async def is_sent() -> bool:
                return len(working.tiny.outbox.sent) == 1 and "was taken" in written.getvalue()

            await until(is_sent)
            requests, jobs, deliveries = await working.system.read(carried)

        async with a_house(database, workers=False) as again:
            [call] = (await again.ann.read(integrations.calls, again.integration)).items

    [own] = {answered.correlation_id, str(requests[0]), *deliveries, call.correlation_id}
    assert own
    assert jobs == {own}
    found = ids_of(written, *ours)
    assert found.keys() == set(ours)
    assert {one for ids in found.values() for one in ids} == {own}


async def test_each_message_of_a_batch_keeps_its_own_webhook_s_id(database: Database) -> None:
    async with a_house(database, workers=False, plugins={"greeter": Greeter()}) as house:
        answers = [await house.chaskiq.answer(HOOK_TOKEN, webhook(a_message(n, f"{n}", chat="7"))) for n in (1, 2)]
        await house.take_in()
        _, jobs, _ = await house.system.read(carried)

    assert jobs == {answer.correlation_id for answer in answers}
    assert len(jobs) == 2


@pytest.fixture
async def server(database: Database) -> AsyncIterator[RunningServer]:
    async with running_server(database) as server:
        yield server


async def test_a_request_s_own_id_comes_back_and_goes_with_its_reply(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    path = server.acme.path(f"/conversations/{key}/parts")
    headers = {"authorization": f"Bearer {server.acme.token}", "x-request-id": "front-end:42"}

    with logged(PlainLines()) as written:
        answer = await server.http.post(path, json={"text": "Hi"}, headers=headers)

        async def is_sent() -> bool:
            return "was taken" in written.getvalue()

        await until(is_sent)
        _, _, [delivery] = await server.house.system.read(carried)

    assert answer.headers["x-request-id"] == "front-end:42"
    assert delivery == "front-end:42"
    assert " INFO    chaskiq.access [front-end:42]: POST /api/v1" in written.getvalue()
    assert " INFO    chaskiq.outbound [front-end:42]: delivery " in written.getvalue()


async def test_a_webhook_s_answer_tells_its_id_and_the_access_log_has_it(server: RunningServer) -> None:
    with logged(PlainLines()) as written:
        answer = await server.hook(a_message(1, "Hello"))
        refused = await server.http.post("/api/v1/hooks/receiver/made-up", headers={"x-request-id": "theirs"})

    [request], _, _ = await server.house.system.read(carried)
    assert answer.headers["x-request-id"] == str(request)
    assert f"chaskiq.access [{request}]: POST /api/v1/hooks/receiver/{{token}} 200" in written.getvalue()
    assert f"[{refused.headers['x-request-id']}]: POST /api/v1/hooks/receiver/{{token}} 404" in written.getvalue()
    assert "theirs" not in written.getvalue()


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "-x", "a;b", "ä", "<script>"])
async def test_an_id_that_is_not_sane_is_replaced(given: str, server: RunningServer) -> None:
    headers = [(b"x-request-id", given.encode())] if given else []

    answer = await server.http.get("/healthz", headers=headers)

    assert is_sane(answer.headers["x-request-id"])
    assert answer.headers["x-request-id"] != given


def test_within_a_block_a_task_works_for_another() -> None:
    with correlated("outer"):
        with correlated(None):
            assert correlation_id() is None
        assert correlation_id() == "outer"

    assert correlation_id() is None


async def test_an_act_that_runs_twice_works_for_the_same_both_times(database: Database) -> None:
    async with a_house(database, undo_first_try=lambda call: call.name == "reply") as house:
        conversation = await house.customer_writes("Hello?")
        with correlated("mine"):
            await house.ann.write(desk.reply, conversation.key, content=document_from_text("Hi"))
        _, _, deliveries = await house.system.read(carried)

    assert deliveries == ["mine"]


async def test_what_an_act_logs_in_a_store_s_thread_has_the_id_of_its_call(store: Store) -> None:
    with logged(PlainLines()) as written:
        with correlated("mine"):
            await store.house_write(log_a_line)
        await store.house_write(log_a_line)

    assert [line.split("chaskiq.act")[1] for line in written.getvalue().splitlines() if "chaskiq.act" in line] == [
        " [mine]: in an act", ": in an act",
    ]  # fmt: skip


def log_a_line(house: HouseUnit) -> None:
    logging.getLogger("chaskiq.act").warning("in an act")
