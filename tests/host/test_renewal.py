"""Credentials that run out: renewed by the plugin at the first refusal, once, stored, and used at once."""

from collections.abc import Mapping
from dataclasses import replace

import anyio
import anyio.lowlevel
import pytest

from chaskiq_core.desk import integrations
from chaskiq_core.errors import ReauthError
from chaskiq_core.model import ProviderCall
from chaskiq_core.plugin import ChannelContext, Piece, Receipt, SendError, UnknownOutcomeError, hookimpl
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import House, a_house
from tests.harness.tiny_channel import SECRET, TinyChannel, TinySettings
from tests.harness.wait import until

pytestmark = pytest.mark.anyio
OLD, NEW = SECRET, "renewed-secret"


class Expiring(TinyChannel):
    """Its provider takes one secret only, and gives it to who asks."""

    def __init__(self) -> None:
        super().__init__()
        self.manifest = replace(self.manifest, offers=self.manifest.offers | {"refresh_credentials"})
        self.valid = OLD
        self.asked = 0
        self.answer: Mapping[str, str] | SendError | None = None
        """Instead of the secret that is valid."""
        self.tried: list[str] = []

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        self.tried.append(context.settings.secret_token)
        if context.settings.secret_token != self.valid:
            raise ReauthError("the secret has run out", code="401")
        return await super().send(piece, context)

    @hookimpl
    async def refresh_credentials(self, context: ChannelContext[TinySettings]) -> Mapping[str, str]:
        self.asked += 1
        await anyio.lowlevel.checkpoint()
        if isinstance(self.answer, SendError):
            raise self.answer
        return {"secret_token": self.valid} if self.answer is None else self.answer


async def state_of(house: House) -> tuple[str, str | None]:
    shown = await house.ann.read(integrations.integration, house.integration)
    return shown.state, shown.state_reason


async def test_what_has_run_out_is_renewed_and_the_message_goes_out(database: Database) -> None:
    channel = Expiring()
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.valid = NEW
        for text in ("one", "two"):
            await house.reply(conversation.key, text)
        await house.quiet()

        assert channel.tried == [OLD, NEW, NEW]
        assert [piece.text for piece in channel.outbox.sent] == ["one", "two"]
        assert channel.asked == 1
        assert await state_of(house) == ("active", None)

    async with a_house(database, tiny=channel) as house:
        conversation = await house.conversation()
        await house.reply(conversation.key, "three")
        await house.quiet()
    assert (channel.tried[-1], channel.asked) == (NEW, 1)


async def test_several_that_are_refused_at_once_renew_once(database: Database) -> None:
    channel = Expiring()
    async with a_house(database, tiny=channel) as house:
        keys = [(await house.customer_writes("Hello?", number=n, chat=str(n))).key for n in range(1, 6)]
        channel.valid = NEW
        for key in keys:
            await house.reply(key, "hi")
        await house.quiet()

    assert (channel.asked, len(channel.outbox.sent)) == (1, 5)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ReauthError("the account took its permission back"), "the account took its permission back"),
        ({}, "the secret has run out"),
        ({"secret_token": OLD}, "the secret has run out"),
    ],
    ids=["refused", "nothing", "the same"],
)
async def test_what_can_not_be_renewed_breaks_the_integration(
    database: Database, answer: Mapping[str, str] | SendError, reason: str
) -> None:
    channel = Expiring()
    channel.answer = answer
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.valid = NEW
        await house.reply(conversation.key, "never")
        await house.quiet()

        assert await state_of(house) == ("broken", reason)
    assert channel.outbox.sent == []


async def test_rubbish_stores_nothing_and_is_told_beside_the_refusal(database: Database) -> None:
    channel = Expiring()
    channel.answer = {"no_such_setting": "x"}
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.valid = NEW
        await house.reply(conversation.key, "never")
        await house.quiet()
        state, reason = await state_of(house)

    assert state == "broken"
    assert reason is not None
    assert reason.startswith("the secret has run out; renewing failed: Tiny: ")
    assert "no_such_setting" in reason


async def test_what_can_be_renewed_later_is_sent_later(database: Database) -> None:
    channel = Expiring()
    channel.answer = UnknownOutcomeError("the connection ended")
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.valid = NEW
        await house.reply(conversation.key, "later")

        async def was_asked() -> bool:
            return channel.asked > 0

        await until(was_asked)
        channel.answer = None
        await house.quiet()

        assert await state_of(house) == ("active", None)
    assert [piece.text for piece in channel.outbox.sent] == ["later"]


async def test_the_provider_log_holds_no_request_that_brought_a_secret(database: Database) -> None:
    channel = Expiring()
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.valid = NEW
        await house.reply(conversation.key, "one")
        await house.quiet()

        async def written() -> bool:
            return len(await house.system.read(noted)) > 0

        await until(written)
        assert await house.system.read(noted) == [("refresh_credentials", [])]


def noted(unit: Unit) -> list[tuple[str, list[object]]]:
    """The renewals in the log of provider calls."""
    rows = unit.all(unit.select(ProviderCall).where(ProviderCall.hook == "refresh_credentials"))
    return [(row.hook, list(row.http)) for row in rows]
