"""A plugin that raises, hangs, ends its process or returns rubbish is a named error, and the caller goes on."""

import json
import signal
from collections.abc import Sequence

import anyio
import psutil
import pytest

from chaskiq_core.errors import PluginError, UnreadableError
from chaskiq_core.host.call import Host, Limits
from chaskiq_core.host.registry import Channel, Found, build_registry
from chaskiq_core.plugin import (
    AddPart,
    Effect,
    MessageReceived,
    ObserverContext,
    WebhookItem,
    WebhookRequest,
    document_from_text,
    hookimpl,
)
from tests.harness.databases import Database
from tests.harness.house import a_house, a_message
from tests.harness.tiny_channel import SECRET, TinyChannel, TinySettings
from tests.host.stranger import Stranger

pytestmark = pytest.mark.anyio
ITEM = WebhookItem(dedupe_key="1", lane="7", path="/messages/0")


def stranger() -> Channel:
    """The stranger as its entry point would give it."""
    found = Found(name="stranger", plugin=Stranger(), entry="tests.host.stranger:channel", own=False)
    return build_registry([found]).channels["stranger"]


def tiny() -> Channel:
    """Our own channel, inline."""
    return build_registry([Found(name="tiny", plugin=TinyChannel())]).channels["tiny"]


def request(do: str = "", *, poison: bool = False) -> WebhookRequest:
    """A webhook of one message."""
    body = json.dumps({"messages": [a_message(1, "hi", poison=poison)]}).encode()
    return WebhookRequest(headers={"x-do": do, "x-tiny-secret": SECRET}, body=body)


async def test_a_stranger_is_verified_routed_and_parsed_in_a_child(host: Host) -> None:
    _, items = await host.receive(stranger(), request(), TinySettings())
    [event] = await host.parse(stranger(), request(), items[0], TinySettings())

    assert isinstance(event, MessageReceived)
    assert event.text == "hi"


@pytest.mark.parametrize(
    ("do", "sentence"),
    [
        ("spin", "took over 1 s and was killed"),
        ("exit", "ended its process"),
        ("raise", "KeyError: 'a bug'"),
        ("rubbish", "returned something else than InboundEvents"),
    ],
)
async def test_a_stranger_that_misbehaves_is_a_named_error_and_the_next_call_works(
    host: Host, do: str, sentence: str
) -> None:
    await host.parse(stranger(), request(), ITEM, TinySettings())

    with pytest.raises(PluginError, match=sentence):
        await host.parse(stranger(), request(do), ITEM, TinySettings())

    assert await host.parse(stranger(), request(), ITEM, TinySettings())


async def test_a_child_that_is_told_to_stop_leaves_that_to_its_parent(host: Host) -> None:
    before = set(psutil.Process().children())
    await host.parse(stranger(), request(), ITEM, TinySettings())
    [child] = set(psutil.Process().children()) - before

    child.terminate()
    child.send_signal(signal.SIGINT)
    await host.parse(stranger(), request(), ITEM, TinySettings())

    assert set(psutil.Process().children()) - before == {child}
    assert child.status() != psutil.STATUS_ZOMBIE


async def test_an_unreadable_body_is_unreadable_in_the_child_too(host: Host) -> None:
    with pytest.raises(UnreadableError):
        await host.receive(stranger(), WebhookRequest(body=b"[]"), TinySettings())


async def test_our_own_channel_that_raises_is_a_named_error(host: Host) -> None:
    with pytest.raises(PluginError, match="plugin tiny: parse raised RuntimeError: poison"):
        await host.parse(tiny(), request(poison=True), ITEM, TinySettings())


class Observer:
    """Says hello, and misbehaves when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    @hookimpl
    async def part_added(self, part, conversation, context: ObserverContext) -> Sequence[Effect]:  # type: ignore[no-untyped-def]
        self.calls.append((part.author.type, part.text))
        match part.text:
            case "raise":
                raise KeyError("a bug")
            case "hang":
                await anyio.sleep(60)
            case "rubbish":
                return "hello"  # type: ignore[return-value]
            case "hello":
                return [AddPart(content=document_from_text("hello yourself"))]
        return []


@pytest.mark.parametrize("misbehaviour", ["raise", "hang", "rubbish"])
async def test_an_observer_that_misbehaves_harms_no_message(database: Database, misbehaviour: str) -> None:
    observer = Observer()
    async with a_house(database, plugins={"observer": observer}, limits=Limits(observe_seconds=0.1)) as house:
        await house.post(a_message(1, misbehaviour), a_message(2, "hello"))
        await house.quiet()

        parts = await house.parts((await house.conversation()).key)
    assert [part.text for part in parts] == [misbehaviour, "hello", "hello yourself"]
    assert [text for _, text in observer.calls].count(misbehaviour) == 3


async def test_an_observer_is_not_called_for_what_its_own_effects_made(database: Database) -> None:
    observer = Observer()
    async with a_house(database, plugins={"observer": observer}) as house:
        conversation = await house.customer_writes("hello")
        await house.reply(conversation.key, "An agent's reply")
        await house.reply(conversation.key, "A note", private_note=True)
        await house.quiet()

    assert observer.calls == [("app_user", "hello"), ("agent", "An agent's reply")]


class NoteReader(Observer):
    """Asks for notes, too."""

    observes_notes = True


async def test_notes_go_to_observers_that_ask_for_them(database: Database) -> None:
    reader = NoteReader()
    async with a_house(database, plugins={"reader": reader}) as house:
        conversation = await house.customer_writes("hi")
        await house.reply(conversation.key, "A note", private_note=True)
        await house.quiet()

    assert reader.calls == [("app_user", "hi"), ("agent", "A note")]


async def test_a_bot_s_answer_goes_out_and_counts_as_nobody_s_reply(database: Database) -> None:
    async with a_house(database, plugins={"observer": Observer()}) as house:
        conversation = await house.customer_writes("hello")
        await house.quiet()

        assert [piece.text for piece in house.tiny.outbox.sent] == ["hello yourself"]
        answered = await house.conversation()
    assert answered.key == conversation.key
    assert (answered.unread_count, answered.first_agent_reply_at) == (0, None)
