"""A worker that dies in the middle of a send leaves no message doubled, and none without a state."""

from collections.abc import Callable

import anyio

from chaskiq_core.host.registry import Hook
from chaskiq_core.testing.conformance.checks.outbound import SENT, conversation_of, squeezed
from chaskiq_core.testing.conformance.desk import opened_desk, until
from chaskiq_core.testing.conformance.driver import MAYA
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import Tier

TEXT = "Said once"
ENDS = SENT | {"unknown", "failed"}


class CrashRules(Kit):
    """Of a process that dies while it sends, and of an answer that is slower than its echo."""

    @rule("crash.before", Tier.SILVER, "a death just before the bytes leave never makes two messages")
    async def test_a_death_before_the_bytes_leave(self) -> None:
        await self._dies(after_the_bytes=False)

    @rule("crash.after", Tier.SILVER, "a death between the provider's yes and our commit never makes two messages")
    async def test_a_death_after_the_provider_took_it(self) -> None:
        await self._dies(after_the_bytes=True)

    @rule("echo.early", Tier.GOLD, "an echo that comes before our own commit is no second part")
    async def test_an_echo_before_our_commit(self) -> None:
        taken, go = anyio.Event(), anyio.Event()

        def around(hook: Hook) -> Hook:
            async def send(**given: object) -> object:
                receipt = await _called(hook, given)
                taken.set()
                await go.wait()
                return receipt

            return _wrapped(send)

        async with self.at_desk(hooks={"send": around}) as desk:
            key = await conversation_of(desk)
            await desk.reply(key, TEXT)
            with anyio.fail_after(30):
                await taken.wait()
            before = len(desk.door.taken)
            await desk.driver.echo(MAYA)

            async def came() -> bool:
                return len(desk.door.taken) > before

            await until(came, what="the echo")
            go.set()
            await desk.quiet()
            texts = [part.text.strip() for part in await desk.parts(key)]
            assert texts == ["Hello?", TEXT], f"the conversation is {texts}"

    async def _dies(self, *, after_the_bytes: bool) -> None:
        reached = anyio.Event()

        def around(hook: Hook) -> Hook:
            async def send(**given: object) -> object:
                if after_the_bytes:
                    await _called(hook, given)
                reached.set()
                await anyio.sleep_forever()
                return None

            return _wrapped(send)

        async with self.at_provider() as (driver, door):
            async with opened_desk(self.channel, driver, door, self.folder, hooks={"send": around}) as desk:
                key = await conversation_of(desk)
                part = await desk.reply(key, TEXT)
                with anyio.fail_after(30):
                    await reached.wait()
            async with opened_desk(self.channel, driver, door, self.folder) as desk:
                await desk.let_leases_end()
                await desk.reply(key, "And then")
                delivery = await desk.delivery(key, part.key)
                texts = [squeezed(shown.text) for shown in await driver.shown(MAYA)]
        assert texts.count(TEXT) <= 1, f"it was sent {texts.count(TEXT)} times"
        assert delivery.state in ENDS, f"it was left {delivery.state}"
        assert "And then" in texts, "the next reply did not go out"
        if after_the_bytes:
            assert texts.count(TEXT) == 1
            assert delivery.state != "failed", "the person has it, and the delivery says failed"


def _wrapped(function: Callable[..., object]) -> Hook:
    def positional(piece: object, context: object) -> object:
        return function(piece=piece, context=context)

    return Hook(function=positional, arguments=("piece", "context"))


async def _called(hook: Hook, given: dict[str, object]) -> object:
    answer = hook(**given)
    return await answer if hasattr(answer, "__await__") else answer
