"""`GET /metrics`: all figures as Prometheus reads them, for this machine and for who manages channels."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chaskiq_core.model import RoleName
from chaskiq_core.telemetry import METRICS
from chaskiq_server.access.observers import is_local
from chaskiq_server.metrics import metrics_app
from chaskiq_server.serving import bind, serving, url_of
from tests.harness.cable import cable
from tests.harness.house import a_message
from tests.harness.server import RunningServer, add_colleague
from tests.harness.wait import until

pytestmark = pytest.mark.anyio
FORWARDED = {"x-forwarded-for": "127.0.0.1"}


async def scrape(http: httpx.AsyncClient) -> dict[str, float]:
    """Each sample by its name and labels: `name{label="value"}`."""
    page = await http.get("/metrics")
    assert page.status_code == 200, page.text
    return {
        f"{sample.name}{''.join(sorted(f'|{name}={value}' for name, value in sample.labels.items()))}": sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


async def test_what_happened_is_on_the_page(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    await server.call("POST", f"/conversations/{key}/parts", {"text": "Hi"})
    await server.http.post("/api/v1/hooks/receiver/made-up", json={})

    async def is_sent() -> bool:
        return (await scrape(server.http)).get("chaskiq_delivery_seconds_count|provider=tiny|state=sent") == 1

    await until(is_sent)
    async with cable(server.cable_url()) as client:
        await client.subscribe()
        seen = await scrape(server.http)

    assert seen["chaskiq_webhooks_total|provider=tiny|result=accepted"] == 1
    assert seen["chaskiq_webhooks_total|provider=unknown|result=unknown_token"] == 1
    assert seen["chaskiq_inbound_items_total|provider=tiny|result=done"] == 1
    assert seen["chaskiq_delivery_seconds_bucket|le=+Inf|provider=tiny|state=sent"] == 1
    assert seen["chaskiq_cable_connections"] == 1
    assert {seen[f"chaskiq_forgotten_lanes_total|kind={kind}"] for kind in ("in", "out", "job")} == {0}
    assert all(seen[f"chaskiq_lanes_due|kind={kind}"] >= 0 for kind in ("in", "out", "job"))
    assert seen["process_cpu_seconds_total"] > 0


async def test_a_lane_that_waits_is_seen_from_every_process(server: RunningServer) -> None:
    server.chaskiq.stop_work()
    await server.hook(a_message(1, "Is anybody there?"), a_message(2, "Hello?", chat="8"))

    with bind("127.0.0.1", 0) as listener:
        async with (
            serving(metrics_app(server.chaskiq), listener),
            httpx.AsyncClient(base_url=url_of(listener), trust_env=False) as http,
        ):
            seen = await scrape(http)

    assert seen["chaskiq_lanes_due|kind=in"] == 2
    assert 0 < seen["chaskiq_lane_age_seconds|kind=in"] < 60


async def test_every_metric_is_on_the_page_with_its_help(server: RunningServer) -> None:
    page = (await server.http.get("/metrics")).text

    for metric in METRICS:
        assert f"# HELP {metric.name} {metric.help}" in page, metric.name


async def test_who_is_not_on_this_machine_needs_a_token_of_somebody_who_manages(server: RunningServer) -> None:
    _, agent = await add_colleague(server, RoleName.AGENT, email="bob@example.org")
    _, manager = await add_colleague(server, RoleName.MANAGER, email="mia@example.org")

    async def status(token: str | None) -> int:
        headers = {**FORWARDED, **({"authorization": f"Bearer {token}"} if token else {})}
        answer = await server.http.get("/metrics", headers=headers)
        assert answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code == 200 or "chaskiq_" not in answer.text
        return answer.status_code

    assert await status(None) == 401
    assert await status("guessed") == 401
    assert await status(agent) == 403
    assert await status(manager) == 200
    assert await status(server.acme.token) == 200
    assert (await server.http.post("/metrics")).status_code == 405


@pytest.mark.parametrize(
    ("client", "headers", "local"),
    [
        ("127.0.0.1", {}, True),
        ("127.8.8.8", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("10.0.0.1", {}, False),
        ("::ffff:10.0.0.1", {}, False),
        ("203.0.113.9", FORWARDED, False),
        ("127.0.0.1", FORWARDED, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"x-real-ip": "127.0.0.1"}, False),
        ("testclient", {}, False),
        ("", {}, False),
    ],
)
def test_only_this_machine_itself_is_local(client: str, headers: dict[str, str], local: bool) -> None:
    assert is_local(client, headers) == local
