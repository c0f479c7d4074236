"""What goes wrong at the provider ends as it should: sent once in the end, failed with its reason, or unknown."""

import time

import anyio

from chaskiq_core.testing.conformance.checks.outbound import SENT, conversation_of, squeezed
from chaskiq_core.testing.conformance.desk import Desk
from chaskiq_core.testing.conformance.driver import MAYA, Wrong
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import ExcusedError, Tier

TEXT = "Whatever happens"
TICK_SECONDS = 0.01
LONGEST_GAP_SECONDS = 0.8  # of the second that the provider takes


class FailureRules(Kit):
    """Of sends that go wrong."""

    @rule("fail.rate_limited", Tier.SILVER, "what the provider has no time for is sent later, once")
    async def test_too_many_is_sent_later(self) -> None:
        await self._is_sent_once(Wrong.RATE_LIMITED)

    @rule("fail.server_error", Tier.SILVER, "a failure of the provider's own is sent again, once")
    async def test_a_server_error_is_sent_again(self) -> None:
        await self._is_sent_once(Wrong.SERVER_ERROR)

    @rule("fail.unauthorized", Tier.SILVER, "refused credentials fail the delivery and break the integration")
    async def test_refused_credentials_break_the_integration(self) -> None:
        async with self.at_desk() as desk:
            await self._fails_as(desk, Wrong.UNAUTHORIZED, "reauth")
            integration = await desk.shown_integration()
            assert integration.state == "broken", f"the integration is {integration.state}"
            assert integration.state_reason, "nothing says why"

    @rule("fail.recipient", Tier.SILVER, "a person who can't be reached fails the delivery, and nothing else")
    async def test_a_person_who_is_gone_fails_the_delivery(self) -> None:
        async with self.at_desk() as desk:
            await self._fails_as(desk, Wrong.RECIPIENT_GONE, "recipient")
            assert (await desk.shown_integration()).state == "active"

    @rule("fail.content", Tier.SILVER, "content that is refused fails the delivery, and the next reply goes out")
    async def test_refused_content_fails_the_delivery(self) -> None:
        async with self.at_desk() as desk:
            key = await self._fails_as(desk, Wrong.CONTENT_REFUSED, "content")
            part = await desk.reply(key, "Something else")
            assert (await desk.delivery(key, part.key)).state in SENT

    @rule("fail.window", Tier.SILVER, "a closed window fails the delivery as such")
    async def test_a_closed_window_fails_the_delivery(self) -> None:
        if not any(one.error_class == "window" for one in self.manifest.errors):
            raise ExcusedError("the error table knows no window")
        async with self.at_desk() as desk:
            await self._fails_as(desk, Wrong.WINDOW_CLOSED, "window")

    @rule("unknown.reset_before", Tier.SILVER, "a connection that ends before an answer never makes two messages")
    async def test_a_reset_before_it_was_taken(self) -> None:
        await self._is_never_sent_twice(Wrong.RESET_BEFORE, taken=False)

    @rule("unknown.reset_after", Tier.SILVER, "a message that was taken without an answer is not sent again")
    async def test_a_reset_after_it_was_taken(self) -> None:
        await self._is_never_sent_twice(Wrong.RESET_AFTER, taken=True)

    @rule("unknown.garbage", Tier.SILVER, "an answer that can't be read is no reason to send again")
    async def test_an_answer_that_cannot_be_read(self) -> None:
        await self._is_never_sent_twice(Wrong.GARBAGE_AFTER, taken=True)

    @rule("loop.free", Tier.SILVER, "nothing waits while the provider is slow")
    async def test_a_slow_provider_blocks_nobody(self) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            # one slow neighbour on the machine is no proof, two in a row are
            gaps = [await self._longest_gap(desk, key, n) for n in range(2)]
            assert min(gaps) < LONGEST_GAP_SECONDS, f"the event loop stood still for {min(gaps):.1f} s"

    async def _longest_gap(self, desk: Desk, key: str, n: int) -> float:
        await desk.driver.go_wrong(Wrong.SLOW)
        longest = 0.0
        async with anyio.create_task_group() as tasks:

            async def tick() -> None:
                nonlocal longest
                while True:
                    before = time.monotonic()
                    await anyio.sleep(TICK_SECONDS)
                    longest = max(longest, time.monotonic() - before)

            tasks.start_soon(tick)
            part = await desk.reply(key, f"Slowly {n}")
            assert (await desk.delivery(key, part.key)).state in SENT
            tasks.cancel_scope.cancel()
        return longest

    async def _is_sent_once(self, wrong: Wrong) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            await desk.driver.go_wrong(wrong)
            part = await desk.reply(key, TEXT)
            delivery = await desk.delivery(key, part.key)
            assert delivery.state in SENT, f"{delivery.state}: {delivery.error}"
            assert [squeezed(shown.text) for shown in await desk.driver.shown(MAYA)] == [TEXT]

    async def _fails_as(self, desk: Desk, wrong: Wrong, error_class: str) -> str:
        """The conversation's key."""
        key = await conversation_of(desk)
        await desk.driver.go_wrong(wrong)
        part = await desk.reply(key, TEXT)
        delivery = await desk.delivery(key, part.key)
        assert delivery.error is not None, f"{wrong}: the delivery is {delivery.state}, without an error"
        told = (delivery.state, delivery.error.class_)
        assert told == ("failed", error_class), f"{wrong} ends as {told}: {delivery.error.message}"
        assert delivery.error.message, f"{wrong}: nothing says why"
        return key

    async def _is_never_sent_twice(self, wrong: Wrong, *, taken: bool) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            await desk.driver.go_wrong(wrong)
            part = await desk.reply(key, TEXT)
            await desk.reply(key, "And then")
            delivery = await desk.delivery(key, part.key)
            texts = [squeezed(shown.text) for shown in await desk.driver.shown(MAYA)]
            assert texts.count(TEXT) <= 1, f"it was sent {texts.count(TEXT)} times"
            assert texts[-1:] == ["And then"] or TEXT in texts, "the lane stands still"
            assert "And then" in texts, "the next reply did not go out"
            if taken:
                assert delivery.state in SENT | {"unknown"}, f"it was taken, and the delivery is {delivery.state}"
                assert TEXT in texts
            elif TEXT not in texts:
                assert delivery.state in ("unknown", "failed"), (
                    f"it never went out, and the delivery is {delivery.state}"
                )
            self.saw("unknown outcomes", f"settled by {self.manifest.idempotency}")
