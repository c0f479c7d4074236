"""What happens in a house is in its figures: webhooks, items, sends, deliveries, failures of plugins."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from chaskiq_core.errors import ContentError, NotFoundError, PluginError, RetryLaterError, UnreadableError
from chaskiq_core.outbound.breaker import FAILURES
from chaskiq_core.plugin import Effect, PartView, RateLimit, WebhookRequest, hookimpl
from chaskiq_core.telemetry import (
    BREAKERS,
    CALL_SECONDS,
    DELIVERY_SECONDS,
    INBOUND_ITEMS,
    INBOUND_SECONDS,
    JOBS,
    LIMITER_SECONDS,
    LIMITER_WAITS,
    PLUGIN_FAILURES,
    RETRIES,
    SENDS,
    UNKNOWN,
    WEBHOOKS,
    Metric,
)
from tests.harness.databases import Database, new_sqlite
from tests.harness.house import HOOK_TOKEN, House, a_house, a_message
from tests.harness.tiny_channel import SECRET, TinyChannel
from tests.harness.wait import until

pytestmark = pytest.mark.anyio


async def comes_to(house: House, expected: float, metric: Metric, *labels: str) -> None:
    """Wait for a figure: it is counted just after the commit that a test can see."""
    telemetry = house.chaskiq.telemetry

    async def is_there() -> bool:
        return telemetry.value(metric, *labels) >= expected

    await until(is_there)
    assert telemetry.value(metric, *labels) == expected


async def test_webhooks_are_counted_by_what_they_came_to(database: Database) -> None:
    async with a_house(database, workers=False) as house:
        good = {"x-tiny-secret": SECRET}
        webhooks = {
            "accepted": WebhookRequest(headers=good, body=b'{"messages": []}'),
            "refused": WebhookRequest(headers={"x-tiny-secret": "guessed"}, body=b"{}"),
            "unreadable": WebhookRequest(headers=good, body=b"nonsense"),
            "wrong_method": WebhookRequest(method="PUT", headers=good, body=b"{}"),
        }
        for webhook in webhooks.values():
            await house.chaskiq.answer(HOOK_TOKEN, webhook)
        with pytest.raises(UnreadableError):
            await house.chaskiq.receive(HOOK_TOKEN, webhooks["unreadable"])
        with pytest.raises(NotFoundError):
            await house.chaskiq.receive("a token that somebody made up", webhooks["accepted"])

        value = house.chaskiq.telemetry.value
        assert [value(WEBHOOKS, "tiny", result) for result in webhooks] == [1, 1, 2, 1]
        assert value(WEBHOOKS, UNKNOWN, "unknown_token") == 1


async def test_a_webhook_that_can_not_be_stored_is_counted_as_that(tmp_path: Path) -> None:
    async with a_house(new_sqlite(tmp_path), workers=False) as house:
        await house.post(a_message(1, "Hello"))
        await house.chaskiq.store.close()

        away = await house.chaskiq.answer(
            HOOK_TOKEN, WebhookRequest(headers={"x-tiny-secret": SECRET}, body=b'{"messages": []}')
        )

        value = house.chaskiq.telemetry.value
        assert away.status == 503
        assert value(WEBHOOKS, "tiny", "unavailable") + value(WEBHOOKS, UNKNOWN, "unavailable") == 1


async def test_items_are_counted_by_what_they_came_to(house: House) -> None:
    await house.post(a_message(1, "Hello"), {"id": 2, "chat": "7"}, a_message(3, "bad", poison=True))

    for result in ("done", "ignored", "failed"):
        await comes_to(house, 1, INBOUND_ITEMS, "tiny", result)
    await comes_to(house, 2, INBOUND_SECONDS, "tiny")
    await comes_to(house, 1, PLUGIN_FAILURES, "tiny", "parse")


async def test_sends_are_counted_with_their_retries_and_how_long_a_delivery_took(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.extend([RetryLaterError("slow", retry_after_seconds=0.01)] * 2)

    await house.reply(conversation.key, "Once")
    await comes_to(house, 1, DELIVERY_SECONDS, "tiny", "sent")
    house.tiny.outbox.faults.append(ContentError("no"))
    await house.reply(conversation.key, "Twice")
    await comes_to(house, 1, DELIVERY_SECONDS, "tiny", "failed")
    house.tiny.outbox.faults.append(ZeroDivisionError())
    await house.reply(conversation.key, "Thrice")
    await comes_to(house, 1, DELIVERY_SECONDS, "tiny", "unknown")

    value = house.chaskiq.telemetry.value
    assert value(RETRIES, "tiny") == 2
    assert [value(SENDS, "tiny", outcome) for outcome in ("sent", "transient", "content", "ambiguous")] == [1, 2, 1, 1]
    outcomes = ("ok", "transient", "content", "plugin_error")
    assert [value(CALL_SECONDS, "tiny", "send", outcome) for outcome in outcomes] == [1, 2, 1, 1]
    assert value(PLUGIN_FAILURES, "tiny", "send") == 1


async def test_an_open_breaker_is_in_the_figures_until_the_provider_is_back(house: House) -> None:
    chats = [await house.customer_writes("Hello?", number=n, chat=str(n)) for n in range(1, FAILURES + 1)]
    house.tiny.outbox.faults.extend([RetryLaterError("down")] * FAILURES)

    for conversation in chats:
        await house.reply(conversation.key, "Are you there?")
    await comes_to(house, 1, BREAKERS, "tiny", "open")
    await comes_to(house, FAILURES, DELIVERY_SECONDS, "tiny", "sent")

    assert house.chaskiq.telemetry.value(BREAKERS, "tiny", "open") == 0


async def test_a_limiter_s_waits_are_counted(database: Database) -> None:
    slow = TinyChannel(rate_limits=(RateLimit(scope="chat", count=1, per_seconds=1.5),))
    async with a_house(database, tiny=slow) as house:
        conversation = await house.customer_writes("Hello?")

        for text in ("one", "two"):
            await house.reply(conversation.key, text)
        await comes_to(house, 2, DELIVERY_SECONDS, "tiny", "sent")

        assert house.chaskiq.telemetry.value(LIMITER_WAITS, "tiny") >= 1
        assert 0 < house.chaskiq.telemetry.value(LIMITER_SECONDS, "tiny") < 2


async def test_a_failing_observer_is_counted_by_its_name_and_hook(database: Database) -> None:
    class Broken:
        @hookimpl
        async def part_added(self, part: PartView) -> Sequence[Effect]:
            raise PluginError("I am broken")

    async with a_house(database, plugins={"broken": Broken()}) as house:
        await house.post(a_message(1, "Hello"))

        await comes_to(house, 1, PLUGIN_FAILURES, "broken", "part_added")
        await comes_to(house, 1, JOBS, "observer", "retried")
