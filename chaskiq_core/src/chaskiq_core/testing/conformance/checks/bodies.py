"""Whatever a body holds, it is answered, routed and parsed, or refused; and it holds up nothing."""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields, replace

import anyio.to_thread
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from chaskiq_core.plugin import (
    ButtonPressed,
    ChannelSettings,
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageReceived,
    UnreadableError,
    WebhookItem,
    WebhookRequest,
)
from chaskiq_core.testing.conformance import bodies
from chaskiq_core.testing.conformance.desk import Desk, until
from chaskiq_core.testing.conformance.driver import MAYA, OMAR
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.purity import no_io
from chaskiq_core.testing.conformance.tiers import ExcusedError, Tier

EXAMPLES = 150
EMPTY_KEYS = frozenset({"", "0", "None"})  # what a missing id becomes by mistake
MAX_KEY = 512
ANSWERS = (200, 400)
UNREADABLE = (
    b"", b"{", b"[]", b"null", b"NaN", b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe{}", b'"x"', b"[" * 3000,
    b'{"a":' * 100 + b"1" + b"}" * 100, b"not what anybody sends",
)  # fmt: skip
BAD_SIBLINGS: tuple[object, ...] = (None, {}, "x", 5, [], {"id": None}, {"type": 7})


class BodyRules(Kit):
    """Of `route` and `parse`."""

    @rule("bodies.junk", Tier.BRONZE, "any bytes are routed and parsed, or refused as unreadable")
    async def test_junk_is_survived(self) -> None:
        async with self.at_desk() as desk:
            request, settings = (await self.genuine(desk))[0], await desk.settings()
            await self._try(bodies.junk, request, settings)

    @rule("bodies.mutated", Tier.BRONZE, "a genuine body with anything wrong in it is routed and parsed, or refused")
    async def test_mutations_are_survived(self) -> None:
        async with self.at_desk() as desk:
            requests, settings = await self.genuine(desk), await desk.settings()
            samples = self.driver.samples
            found = sorted(samples.rglob("*")) if samples else []
            known = [path.read_bytes() for path in found if path.is_file() and not path.name.endswith(".http.json")]
            await self._try(bodies.mutated([*(one.body for one in requests), *known]), requests[0], settings)

    @rule("bodies.answered", Tier.BRONZE, "an unreadable body is answered, and the next message arrives")
    async def test_unreadable_bodies_hold_up_nothing(self) -> None:
        async with self.at_desk() as desk:
            request = (await self.genuine(desk))[0]
            for body in UNREADABLE:
                answer = await desk.come(desk.driver.signed(request, body))
                assert answer.status in ANSWERS, f"answered {answer.status} to {body[:40]!r}"
            await desk.driver.write(MAYA, "After the junk")
            await desk.conversation_with("After the junk")

    @rule("keys.stable", Tier.BRONZE, "the same body has the same keys each time, and no two messages share one")
    async def test_keys_are_stable(self) -> None:
        async with self.at_desk() as desk:
            requests, settings = await self.genuine(desk), await desk.settings()
            seen: dict[str, bytes] = {}
            for request in requests:
                items = self.route(request, settings)
                # a fresh request, so that nothing is taken from what was decoded before
                again = self.route(replace(request), settings)
                assert items == again, "route gave other items the second time"
                for item in items:
                    assert self.parse(request, item, settings) == self.parse(replace(request), item, settings)
                    assert item.dedupe_key not in seen or seen[item.dedupe_key] == request.body, "two share a key"
                    seen[item.dedupe_key] = request.body

    @rule("route.agrees", Tier.BRONZE, "route's lanes are parse's chats: one chat has one lane, two have two")
    async def test_route_and_parse_agree(self) -> None:
        async with self.at_desk() as desk:
            settings = await desk.settings()
            requests = await self.genuine(desk)
            await desk.driver.write(OMAR, "From somebody else")
            await desk.conversation_with("From somebody else")
            lanes: dict[str, set[str]] = {}
            for request in [*requests, desk.door.taken[-1].request]:
                for item in self.route(request, settings):
                    for event in self.parse(request, item, settings):
                        if isinstance(event, MessageReceived) and event.chat is not None:
                            lanes.setdefault(event.chat.channel_id, set()).add(item.lane)
            assert len(lanes) == 2, f"two people wrote, and parse names the chats {sorted(lanes)}"
            assert all(len(names) == 1 and names != {""} for names in lanes.values()), f"lanes of the chats: {lanes}"
            assert len(set.union(*lanes.values())) == 2, f"two chats share a lane: {lanes}"

    @rule("parse.pure", Tier.BRONZE, "route and parse touch no network, no file and no process")
    async def test_parse_is_pure(self) -> None:
        async with self.at_desk() as desk:
            settings = await desk.settings()
            for request in await self.genuine(desk):
                with no_io():
                    for item in self.route(request, settings):
                        self.parse(request, item, settings)

    @rule("batch.isolated", Tier.SILVER, "one bad element of a body costs its siblings nothing")
    async def test_a_bad_element_costs_nothing(self) -> None:
        async with self.at_desk() as desk:
            settings = await desk.settings()
            requests = await self.genuine(desk)
            pairs = [(request, item) for request in requests for item in self.route(request, settings) if item.path]
            if not pairs:
                raise ExcusedError("a webhook of this provider is one element")
            for n, bad in enumerate(BAD_SIBLINGS):
                text = f"Beside a bad one, {n}"
                before = len(desk.door.taken)
                desk.door.swallows = True
                await desk.driver.write(MAYA, text)
                await until(_came(desk, before), what="the sandbox's webhook")
                desk.door.swallows = False
                [item] = self.route(request := desk.door.taken[-1].request, settings)
                answer = await desk.come(desk.driver.signed(request, _with_sibling(request.body, item.path, bad)))
                assert answer.status == 200, f"answered {answer.status} to a body with {bad!r} in it"
                await desk.conversation_with(text)

    @rule("kinds.unknown", Tier.SILVER, "what a person sends in an unknown kind is a placeholder, and nothing waits")
    async def test_unknown_kinds_are_kept(self) -> None:
        async with self.at_desk() as desk:
            await self.genuine(desk)
            await desk.driver.write_unknown(MAYA)
            await desk.driver.write(MAYA, "After the unknown")
            conversation = await desk.conversation_with("After the unknown")
            await desk.quiet()
            parts = await desk.parts(conversation.key)
            assert any(part.unsupported and part.text for part in parts), "nothing shows that something was sent"

    def route(self, request: WebhookRequest, settings: ChannelSettings) -> Sequence[WebhookItem]:
        """The items, each with a key and a lane that can be used."""
        found = self.found.hooks["route"](request=request, settings=settings)
        assert isinstance(found, Sequence), f"route returned {type(found).__name__}"
        for item in found:
            assert isinstance(item, WebhookItem), f"route returned {type(item).__name__}"
            assert item.dedupe_key not in EMPTY_KEYS, f"the empty key {item.dedupe_key!r}"
            assert len(item.dedupe_key) <= MAX_KEY, "a key of more than 512 characters"
            item.dedupe_key.encode()
            item.lane.encode()
        return list(found)

    def parse(self, request: WebhookRequest, item: WebhookItem, settings: ChannelSettings) -> Sequence[InboundEvent]:
        """The events, none with an empty id."""
        found = self.found.hooks["parse"](request=request, item=item, settings=settings)
        assert isinstance(found, Sequence), f"parse returned {type(found).__name__}"
        for event in found:
            for name, value in _ids(event):
                assert value not in EMPTY_KEYS, f"{type(event).__name__} has an empty {name}: {value!r}"
                value.encode()
        return list(found)

    async def _try(
        self, strategy: st.SearchStrategy[bytes], request: WebhookRequest, settings: ChannelSettings
    ) -> None:
        @tried(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(strategy)
        def answers(body: bytes) -> None:
            came = replace(request, body=body)
            with suppress(UnreadableError):
                for item in self.route(came, settings):
                    with suppress(UnreadableError):
                        self.parse(came, item, settings)

        await anyio.to_thread.run_sync(answers)


def _came(desk: Desk, before: int) -> Callable[[], Awaitable[bool]]:
    async def came() -> bool:
        return len(desk.door.taken) > before

    return came


def _ids(event: InboundEvent) -> Iterator[tuple[str, str]]:
    """Every id that the engine finds something by."""
    if isinstance(event, Ignored):
        return
    if event.chat is not None:
        yield "chat.channel_id", event.chat.channel_id
    if event.sender is not None:
        yield "sender.id", event.sender.id
    if isinstance(event, MessageDeleted):
        yield from (("message_keys", key) for key in event.message_keys)
    elif isinstance(event, ButtonPressed):
        yield "callback_id", event.callback_id
    elif any(one.name == "message_key" for one in fields(event)):
        yield "message_key", str(getattr(event, "message_key", ""))


def _with_sibling(body: bytes, path: str, bad: object) -> bytes:
    """The body with a bad element before the one at this pointer, and another behind it."""
    value: object = json.loads(body)
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.strip("/").split("/")]
    holder, place = value, None
    found: tuple[list[object], int] | None = None
    for step in steps:
        if isinstance(holder, list):
            found, place = (holder, int(step)), int(step)
            holder = holder[place]
        elif isinstance(holder, dict):
            holder = holder[step]
    if found is None:
        raise ExcusedError("no list holds the elements of this provider's webhooks")
    elements, at = found
    elements[at:at] = [bad]
    elements.append(bad)
    return json.dumps(value).encode()
