"""A provider that calls nobody is asked again and again; what it had goes the way of a webhook, once."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from chaskiq_core import desk
from chaskiq_core.desk import integrations
from chaskiq_core.errors import RetryLaterError
from chaskiq_core.integrations.polling import POLL_JOB, keep_cursor, read_cursor
from chaskiq_core.model import Integration, ItemState, Job
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin import ChannelContext, Polled, WebhookRequest, hookimpl
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import House, a_house, a_message, let_jobs_be_due
from tests.harness.tiny_channel import TinyChannel, TinySettings
from tests.harness.wait import until

pytestmark = pytest.mark.anyio


class QuietProvider(TinyChannel):
    """The tiny provider, which has to be asked: its cursor is how many messages were fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.manifest = replace(self.manifest, offers=self.manifest.offers | {"poll"}, poll_seconds=3600)
        self.waiting: list[dict[str, object]] = []
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.is_polled = True

    @hookimpl
    async def poll(self, cursor: str, context: ChannelContext[TinySettings]) -> Polled | None:
        self.asked.append(cursor)
        if self.error is not None:
            raise self.error
        if not self.is_polled:
            return None
        begin = int(cursor or 0)
        bodies = [json.dumps({"messages": [one]}).encode() for one in self.waiting[begin : begin + 2]]
        end = begin + len(bodies)
        return Polled(
            requests=tuple(WebhookRequest(body=body) for body in bodies), cursor=str(end), more=end < len(self.waiting)
        )


async def texts(house: House) -> list[str]:
    found = (await house.ann.read(desk.inbox)).items
    return [part.text for conversation in found for part in await house.parts(conversation.key)]


async def asked_again(house: House, provider: QuietProvider, holds: Callable[[], Awaitable[bool]]) -> None:
    """Its time has come, until that is so."""

    async def look() -> bool:
        await house.system.write(let_jobs_be_due)
        return await holds()

    await until(look)


def job(unit: Unit) -> tuple[ItemState, int, str | None]:
    [found] = unit.all(unit.select(Job).where(Job.kind == POLL_JOB))
    return found.state, found.attempts, found.error


def cursor_of(unit: Unit) -> str:
    [row] = unit.all(unit.select(Integration))
    return read_cursor(unit, IntegrationId(row.id))


def forget_cursor(unit: Unit) -> None:
    [row] = unit.all(unit.select(Integration))
    keep_cursor(unit, IntegrationId(row.id), "")


async def test_what_waits_comes_in_order_and_the_cursor_is_kept(database: Database) -> None:
    provider = QuietProvider()
    provider.waiting += [a_message(n, f"text {n}") for n in range(1, 6)]
    async with a_house(database, tiny=provider) as house:

        async def all_came() -> bool:
            return await texts(house) == [f"text {n}" for n in range(1, 6)]

        await until(all_came)

        async def kept() -> bool:
            return await house.system.read(cursor_of) == "5"

        await until(kept)
        assert provider.asked[:3] == ["", "2", "4"]


async def test_what_comes_again_after_a_crash_is_known(database: Database) -> None:
    provider = QuietProvider()
    provider.waiting += [a_message(1, "one")]
    async with a_house(database, tiny=provider) as house:

        async def came() -> bool:
            return await house.system.read(cursor_of) == "1" and await texts(house) == ["one"]

        await until(came)
        await house.system.write(forget_cursor)
        provider.waiting += [a_message(2, "two")]

        async def both() -> bool:
            return await texts(house) == ["one", "two"]

        await asked_again(house, provider, both)


async def test_a_failure_is_tried_again_later_and_never_given_up(database: Database) -> None:
    provider = QuietProvider()
    provider.error = RetryLaterError("nobody there")
    async with a_house(database, tiny=provider) as house:

        async def failed_often() -> bool:
            return len(provider.asked) >= 5

        await asked_again(house, provider, failed_often)
        provider.error = None
        provider.waiting += [a_message(1, "one")]

        async def came() -> bool:
            return await texts(house) == ["one"]

        await asked_again(house, provider, came)

        async def recovered() -> bool:
            return await house.system.read(job) == (ItemState.PENDING, 0, None)

        await until(recovered)


async def test_a_paused_integration_is_not_asked(database: Database) -> None:
    provider = QuietProvider()
    async with a_house(database, tiny=provider) as house:

        async def asked() -> bool:
            return bool(provider.asked)

        await until(asked)
        await house.ann.write(integrations.pause_integration, house.integration)
        house.chaskiq.integrations.clear()
        before = len(provider.asked)
        provider.waiting += [a_message(1, "one")]
        for _ in range(3):
            await house.system.write(let_jobs_be_due)
        await house.ann.write(integrations.resume_integration, house.integration)
        house.chaskiq.integrations.clear()
        assert len(provider.asked) <= before + 1

        async def came() -> bool:
            return await texts(house) == ["one"]

        await asked_again(house, provider, came)


async def test_settings_that_ask_for_none_end_it(database: Database) -> None:
    provider = QuietProvider()
    provider.is_polled = False
    async with a_house(database, tiny=provider) as house:

        async def ended() -> bool:
            return (await house.system.read(job))[0] is ItemState.DONE

        await until(ended)
        assert provider.asked == [""]


async def test_a_body_that_is_none_is_left_behind(database: Database) -> None:
    provider = QuietProvider()
    provider.waiting += [{"id": 1}, a_message(2, "two")]
    async with a_house(database, tiny=provider) as house:

        async def came() -> bool:
            return await texts(house) == ["two"]

        await until(came)
