"""What people write arrives: once, in order, with the right person, whatever is repeated, raced or killed."""

import asyncio
from collections.abc import Awaitable, Callable

import anyio

from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.testing.conformance.desk import Desk, opened_desk, until
from chaskiq_core.testing.conformance.driver import MAYA, OMAR, Person
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import ExcusedError, Tier

BURST = 8
KILLED_AFTER_SECONDS = (0.0, 0.005, 0.02, 0.05)
TEXT = "Où est ma commande ? 🚲 <b>*_~ שלום"


class InboundRules(Kit):
    """Of messages that come in."""

    @rule("in.message", Tier.BRONZE, "a message arrives as it was written, from the one who wrote it")
    async def test_a_message_arrives(self) -> None:
        async with self.at_desk() as desk:
            await desk.driver.write(MAYA, TEXT)
            conversation = await desk.conversation_with("Où est ma commande")
            [part] = await desk.parts(conversation.key)
            assert part.text.strip() == TEXT
            assert part.author.type == "app_user"
            assert conversation.main_participant.kind != "agent"
            assert [channel.provider for channel in conversation.channels] == [self.manifest.provider]

    @rule("in.once", Tier.BRONZE, "a webhook that comes again, or eight times at once, is one part")
    async def test_a_repeated_webhook_is_one_part(self) -> None:
        async with self.at_desk() as desk:
            requests = await self.genuine(desk)
            for request in requests:
                assert (await desk.come(request)).status == 200
            await _at_once(desk, [request for request in requests for _ in range(BURST)])
            await desk.quiet()
            conversation = await desk.conversation_with("A first word")
            texts = [part.text.strip() for part in await desk.parts(conversation.key)]
            assert texts == ["A first word", "And a second"]

    @rule(
        "in.burst", Tier.BRONZE, "eight messages at once from someone new are one person, one conversation, eight parts"
    )
    async def test_a_burst_of_someone_new(self) -> None:
        async with self.at_desk() as desk:
            before = len(desk.door.taken)
            desk.door.swallows = True
            for n in range(BURST):
                await desk.driver.write(OMAR, f"Burst {n}")
            await until(_swallowed(desk, before + BURST), what="the sandbox's webhooks")
            desk.door.swallows = False
            # each of them twice, all at the same time
            await _at_once(desk, [taken.request for taken in desk.door.taken[before:] for _ in range(2)])
            await desk.quiet()
            [conversation] = await desk.conversations()
            texts = sorted(part.text.strip() for part in await desk.parts(conversation.key))
            assert texts == [f"Burst {n}" for n in range(BURST)]
            assert len(conversation.participants) == 1

    @rule("in.order", Tier.BRONZE, "what two people write side by side stays in the order of each")
    async def test_order_is_kept(self) -> None:
        async with self.at_desk() as desk:
            for n in range(BURST):
                await desk.driver.write(MAYA, f"Maya {n}")
                await desk.driver.write(OMAR, f"Omar {n}")
            for person in (MAYA, OMAR):
                conversation = await desk.conversation_with(f"{person.name} {BURST - 1}")
                await desk.quiet()
                texts = [part.text.strip() for part in await desk.parts(conversation.key)]
                assert texts == [f"{person.name} {n}" for n in range(BURST)]

    @rule("in.crash", Tier.SILVER, "what was answered 200 is a part, once, wherever the process dies")
    async def test_a_crash_loses_nothing(self) -> None:
        async with self.at_provider() as (driver, door):
            async with opened_desk(self.channel, driver, door, self.folder, works=False) as desk:
                before = len(door.taken)
                for n in range(BURST):
                    await driver.write(Person(2000 + n, "Ana"), f"Kept {n}")
                await until(_swallowed(desk, before + BURST), what="the sandbox's webhooks")
            for seconds in KILLED_AFTER_SECONDS:
                async with opened_desk(self.channel, driver, door, self.folder):
                    await anyio.sleep(seconds)
            async with opened_desk(self.channel, driver, door, self.folder) as desk:
                await desk.let_leases_end()
                for n in range(BURST):
                    conversation = await desk.conversation_with(f"Kept {n}")
                    assert len(await desk.parts(conversation.key)) == 1

    @rule("in.changed_id", Tier.GOLD, "a message that comes again under another delivery's id is one part")
    async def test_another_delivery_id_is_the_same_message(self) -> None:
        async with self.at_desk() as desk:
            await self.genuine(desk)
            before = len(desk.door.taken)
            await desk.driver.redeliver_under_another_id()
            await until(_swallowed(desk, before + 1), what="the redelivery")
            await desk.quiet()
            conversation = await desk.conversation_with("And a second")
            assert len(await desk.parts(conversation.key)) == 2

    @rule("in.edit", Tier.GOLD, "a person's edit changes their part")
    async def test_an_edit_changes_the_part(self) -> None:
        async with self.at_desk() as desk:
            await desk.driver.write(MAYA, "Wher is it?")
            conversation = await desk.conversation_with("Wher is it?")
            await desk.driver.edit(MAYA, "Where is it?")
            await desk.conversation_with("Where is it?")
            [part] = await desk.parts(conversation.key)
            assert (part.text.strip(), part.edited_at is not None) == ("Where is it?", True)
            self.saw("edits of people", "full")

    @rule("in.reaction", Tier.GOLD, "a person's reaction stands at our message")
    async def test_a_reaction_stands_at_our_message(self) -> None:
        async with self.at_desk() as desk:
            key, shown_id = await replied(desk, "On its way")
            await desk.driver.react(MAYA, shown_id, "👍")

            async def reacted() -> bool:
                return [one["emoji"] for part in await desk.parts(key) for one in part.reactions] == ["👍"]

            await until(reacted, what="the reaction")
            self.saw("reactions of people", "full")

    @rule("in.reply", Tier.GOLD, "a person's answer to one of our messages points at it")
    async def test_an_answer_points_at_our_message(self) -> None:
        async with self.at_desk() as desk:
            key, shown_id = await replied(desk, "Which colour?")
            await desk.driver.write(MAYA, "The red one", reply_to=shown_id)
            await desk.conversation_with("The red one")
            ours, theirs = (await desk.parts(key))[-2:]
            assert theirs.reply_to == ours.key

    @rule("in.status", Tier.GOLD, "delivered and read, as the provider tells them, are the delivery's states")
    async def test_statuses_move_the_delivery(self) -> None:
        async with self.at_desk() as desk:
            key, _ = await replied(desk, "Did you see this?")
            told: list[str] = []
            for status in ("delivered", "read"):
                try:
                    await desk.driver.tell_status(MAYA, status)
                except ExcusedError:
                    continue
                told.append(status)

                async def moved(status: str = status) -> bool:
                    return (await desk.parts(key))[-1].deliveries[0].state == status

                await until(moved, what=f"the state {status}")
            self.saw("delivery states", ", ".join(told) or "none")
            if not told:
                raise ExcusedError("the provider tells of neither")


async def replied(desk: Desk, text: str) -> tuple[str, str]:
    """Maya wrote and was answered with this: the conversation's key, and the answer's id at the provider."""
    await desk.driver.write(MAYA, "Hello?")
    conversation = await desk.conversation_with("Hello?")
    await desk.reply(conversation.key, text)
    await desk.quiet()
    return conversation.key, (await desk.driver.shown(MAYA))[-1].id


async def _at_once(desk: Desk, requests: list[WebhookRequest]) -> None:
    answers = await asyncio.gather(*(desk.come(request) for request in requests))
    assert {answer.status for answer in answers} == {200}


def _swallowed(desk: Desk, count: int) -> Callable[[], Awaitable[bool]]:
    async def all_came() -> bool:
        return len(desk.door.taken) >= count

    return all_came
