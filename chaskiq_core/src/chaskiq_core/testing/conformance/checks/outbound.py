"""What agents write goes out: whole, in order, within the provider's limits; a note never does."""

from chaskiq_core import desk as acts
from chaskiq_core.plugin import Counted, Document, Level, document_from_html, document_from_text
from chaskiq_core.testing.conformance.checks.inbound import replied
from chaskiq_core.testing.conformance.desk import Desk, until
from chaskiq_core.testing.conformance.driver import MAYA, Shown
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import ExcusedError, Tier

SENT = frozenset({"sent", "delivered", "read"})
LONGEST_TRIED = 20_000
SPECIAL = "5 < 6 & 7 > 2, *not bold*, _not italic_, ~no~, `no`, [a](b), \\, 🚲, שלום"
FORMATTED = (
    "<h2>Your order</h2><p>It is <strong>ready</strong>, see <a href='https://example.org/o?a=1&b=2'>the page</a>.</p>"
    "<ul><li>one <em>bike</em></li><li>two bells</li></ul><ol><li>pay</li><li>ride</li></ol>"
    "<blockquote><p>as you said</p></blockquote><pre><code>x = 1 < 2</code></pre>"
)
WORDS = ("Your order", "ready", "the page", "one", "bike", "two bells", "pay", "ride", "as you said", "x = 1 < 2")


class OutboundRules(Kit):
    """Of messages that go out."""

    @rule("out.reply", Tier.BRONZE, "a reply reaches the person as it was written, and its receipt names the message")
    async def test_a_reply_goes_out(self) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            part = await desk.reply(key, SPECIAL)
            delivery = await desk.delivery(key, part.key)
            assert delivery.state in SENT, f"{delivery.state}: {delivery.error}"
            [shown] = await desk.driver.shown(MAYA)
            assert squeezed(shown.text) == squeezed(SPECIAL)
            assert shown.id in delivery.external_ids, f"{shown.id} is none of the receipt's {delivery.external_ids}"

    @rule("out.note", Tier.BRONZE, "a private note reaches nobody")
    async def test_a_note_stays(self) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            note = document_from_text("Do not tell her")
            await desk.agent.write(acts.reply, key, content=note, private_note=True)
            await desk.reply(key, "All is well")
            await desk.quiet()
            assert [squeezed(shown.text) for shown in await desk.driver.shown(MAYA)] == ["All is well"]

    @rule("out.order", Tier.BRONZE, "five replies arrive in the order of their writing")
    async def test_replies_keep_their_order(self) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            for n in range(5):
                await desk.reply(key, f"Answer {n}")
            await desk.quiet()
            assert [squeezed(one.text) for one in await desk.driver.shown(MAYA)] == [f"Answer {n}" for n in range(5)]

    @rule("out.limit", Tier.BRONZE, "a text at the limit is one message, a longer one several, and nothing is lost")
    async def test_the_limit_of_a_text(self) -> None:
        async with self.at_desk() as desk:
            limit = self.manifest.capabilities.text
            tried = min(limit.max_length, LONGEST_TRIED)
            at_limit = text_of_length(tried, limit.counted_in)
            pieces = await sent_pieces(desk, at_limit)
            assert len(pieces) == 1, f"{tried} {limit.counted_in} went out as {len(pieces)} messages"
            self.saw("text", f"{limit.level}, {tried} {limit.counted_in} in one message")
            if tried < limit.max_length:
                return
            longer = text_of_length(tried, limit.counted_in) + " and a tail"
            pieces = (await sent_pieces(desk, longer))[1:]
            assert len(pieces) > 1, "a text over the limit went out as one message"
            together = squeezed(" ".join(piece.text for piece in pieces))
            assert together.replace(" ", "") == squeezed(longer).replace(" ", ""), "cut in two, and not the same text"

    @rule("out.formatted", Tier.SILVER, "formatted text arrives with all its words, and no markup among them")
    async def test_formatted_text_arrives(self) -> None:
        async with self.at_desk() as desk:
            pieces = await sent_pieces(desk, document_from_html(FORMATTED))
            text = squeezed("\n".join(piece.text for piece in pieces))
            at = 0
            for word in WORDS:
                found = text.find(word, at)
                assert found >= 0, f"{word!r} is missing, or not in its place, in {text!r}"
                at = found + len(word)
            assert not any(tag in text for tag in ("<strong>", "<b>", "<p>", "</", "&lt;", "&amp;")), (
                f"markup in {text!r}"
            )

    @rule("out.reply_to", Tier.GOLD, "an answer to one message points at it, as declared")
    async def test_an_answer_points_at_its_message(self) -> None:
        if self.manifest.capabilities.reply in (Level.DROPPED, Level.REJECTED):
            self.saw("reply", "dropped")
            raise ExcusedError("the manifest does not declare reply")
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            [asked] = await desk.parts(key)
            part = await desk.reply(key, "Yes", reply_to=asked.key)
            await desk.delivery(key, part.key)
            [shown] = await desk.driver.shown(MAYA)
            assert shown.reply_to == asked.sources[0].external_id, f"it answers {shown.reply_to}"
            self.saw("reply", "full")

    @rule("out.edit", Tier.GOLD, "an agent's edit changes the message, as declared")
    async def test_an_edit_goes_out(self) -> None:
        self._needs_hook("edit")
        async with self.at_desk() as desk:
            key, shown_id = await replied(desk, "On Munday")
            part = (await desk.parts(key))[-1]
            await desk.agent.write(acts.edit, key, part.key, content=document_from_text("On Monday"))
            await desk.quiet()
            assert [(one.id, squeezed(one.text)) for one in await desk.driver.shown(MAYA)] == [(shown_id, "On Monday")]
            self.saw("edit", "full")

    @rule("out.delete", Tier.GOLD, "what an agent deletes is taken back, as declared")
    async def test_a_delete_goes_out(self) -> None:
        self._needs_hook("delete")
        async with self.at_desk() as desk:
            key, _ = await replied(desk, "Never mind")
            part = (await desk.parts(key))[-1]
            await desk.agent.write(acts.delete, key, part.key)
            await desk.quiet()
            assert not await desk.driver.shown(MAYA), "it is still there"
            self.saw("delete", "full")

    @rule("out.typing", Tier.GOLD, "the person sees that somebody writes, as declared")
    async def test_typing_is_shown(self) -> None:
        self._needs_hook("typing")
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            await desk.agent.write(acts.typing, key)

            async def seen() -> bool:
                return await desk.driver.saw_typing(MAYA)

            await until(seen, what="typing to be shown")
            self.saw("typing", "full")

    def _needs_hook(self, name: str) -> None:
        if name not in self.manifest.offers:
            self.saw(name, "dropped")
            raise ExcusedError(f"the manifest does not declare {name}")


async def conversation_of(desk: Desk) -> str:
    """Maya wrote; the conversation's key."""
    await desk.driver.write(MAYA, "Hello?")
    return (await desk.conversation_with("Hello?")).key


async def sent_pieces(desk: Desk, content: str | Document) -> list[Shown]:
    """All that Maya is shown after this was sent to her."""
    known = await desk.conversations()
    key = known[0].key if known else await conversation_of(desk)
    part = await desk.reply(key, content)
    delivery = await desk.delivery(key, part.key)
    assert delivery.state in SENT, f"{delivery.state}: {delivery.error}"
    return list(await desk.driver.shown(MAYA))


def squeezed(text: str) -> str:
    """The text with each run of white space as one space: providers trim and break lines as they like."""
    return " ".join(text.split())


def text_of_length(length: int, counted_in: Counted) -> str:
    """Words of exactly this length, most of them not ASCII, so that a wrong count shows."""
    word = "grün 🚲 "
    width = {Counted.CODE_POINTS: len(word), Counted.UTF16_UNITS: len(word) + 1, Counted.BYTES: len(word.encode())}
    words = (length - 1) // width[counted_in]
    return word * words + "x" * (length - width[counted_in] * words)
