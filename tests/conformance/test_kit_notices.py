"""The kit notices what is wrong: a plugin that passes, with one thing broken, fails the rule that is about it."""

import hmac
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from chaskiq_core.plugin import (
    Accepted,
    Capabilities,
    ChannelContext,
    ContentError,
    Ignored,
    InboundEvent,
    Level,
    MessageReceived,
    Piece,
    ReauthError,
    Receipt,
    RecipientError,
    Refused,
    RetryLaterError,
    TextCapability,
    UnknownOutcomeError,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from chaskiq_core.testing.conformance import ChannelConformance, Outcome
from chaskiq_core.testing.conformance.kit import RULES
from chaskiq_core.testing.conformance.reporting import RESULT
from chaskiq_parrot import Parrot
from chaskiq_parrot.elements import elements_of, text_at
from chaskiq_parrot.manifest import MANIFEST, ParrotSettings
from chaskiq_parrot.sandbox.driver import Driver
from chaskiq_parrot.verify import HEADER, signature_of

pytestmark = pytest.mark.anyio
Context = ChannelContext[ParrotSettings]


class LetsAllIn(Parrot):
    @hookimpl
    def verify(self, request: WebhookRequest, settings: ParrotSettings) -> Verdict:
        return Accepted()


class ComparesText(Parrot):
    """compare_digest raises TypeError for a text that is not ASCII."""

    @hookimpl
    def verify(self, request: WebhookRequest, settings: ParrotSettings) -> Verdict:
        shown = request.headers.get(HEADER, "")
        is_right = hmac.compare_digest(shown, signature_of(request.body, settings.signing_secret))
        return Accepted() if is_right else Refused(status=401, reason="wrong")


class MakesKeys(Parrot):
    @hookimpl
    def route(self, request: WebhookRequest, settings: ParrotSettings) -> Sequence[WebhookItem]:
        items = super().route(request, settings)
        return [replace(item, dedupe_key=uuid.uuid4().hex) for item in items]


class OneLane(Parrot):
    @hookimpl
    def route(self, request: WebhookRequest, settings: ParrotSettings) -> Sequence[WebhookItem]:
        return [replace(item, lane="all") for item in super().route(request, settings)]


class NamesByDelivery(Parrot):
    """Takes the delivery's id for the message's."""

    @hookimpl
    def route(self, request: WebhookRequest, settings: ParrotSettings) -> Sequence[WebhookItem]:
        name = text_at(request.json(), "delivery")
        return [replace(item, dedupe_key=f"{name}:{item.path}") for item in super().route(request, settings)]

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: ParrotSettings) -> Sequence[InboundEvent]:
        name = text_at(request.json(), "delivery") or "none"
        events = super().parse(request, item, settings)
        return [replace(one, message_key=name) if isinstance(one, MessageReceived) else one for one in events]


class TrustsTheBody(Parrot):
    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: ParrotSettings) -> Sequence[InboundEvent]:
        element = elements_of(request)[int(item.path.rpartition("/")[2])]
        assert isinstance(element, dict)
        element["from"]["name"].strip()
        return super().parse(request, item, settings)


class RoutesOnTrust(Parrot):
    @hookimpl
    def route(self, request: WebhookRequest, settings: ParrotSettings) -> Sequence[WebhookItem]:
        items = super().route(request, settings)
        return [replace(item, lane=dict(one)["chat"]) for item, one in zip(items, self._all(request), strict=True)]

    def _all(self, request: WebhookRequest) -> list[dict[str, str]]:
        found = elements_of(request)
        assert all(isinstance(one, dict) for one in found)
        return [one for one in found if isinstance(one, dict)]


class ReadsAFile(Parrot):
    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: ParrotSettings) -> Sequence[InboundEvent]:
        with open(__file__, encoding="utf-8"):
            return super().parse(request, item, settings)


class HidesTheUnknown(Parrot):
    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: ParrotSettings) -> Sequence[InboundEvent]:
        events = super().parse(request, item, settings)
        is_known = all(isinstance(one, MessageReceived) and not one.unsupported for one in events)
        return events if is_known else [Ignored(event_id=item.dedupe_key, reason="unknown")]


class Shouts(Parrot):
    @hookimpl
    async def send(self, piece: Piece, context: Context) -> Receipt:
        return await super().send(replace(piece, text=piece.text.upper()), context)


class SaysTooMuch(Parrot):
    manifest = replace(MANIFEST, capabilities=Capabilities(text=TextCapability(max_length=5000), reply=Level.FULL))


class Blocks(Parrot):
    @hookimpl
    async def send(self, piece: Piece, context: Context) -> Receipt:
        time.sleep(1)  # noqa: ASYNC251  what the rule is about
        return await super().send(piece, context)


class Chatters(Parrot):
    @hookimpl
    async def send(self, piece: Piece, context: Context) -> Receipt:
        logging.getLogger("parrot").warning("sending with %s", context.settings.access_token)
        return await super().send(piece, context)


class ForgetsTheAnswered(Parrot):
    @hookimpl
    async def send(self, piece: Piece, context: Context) -> Receipt:
        return await super().send(replace(piece, reply_to=None), context)


class NamesNothing(Parrot):
    @hookimpl
    async def send(self, piece: Piece, context: Context) -> Receipt:
        await super().send(piece, context)
        return Receipt(external_ids=("1",), message_keys=(f"{piece.channel_id}:1",))


def mistaking(error: type[Exception], other: type[Exception]) -> type[Parrot]:
    """A plugin that takes one kind of failure for another."""

    class Mistakes(Parrot):
        @hookimpl
        async def send(self, piece: Piece, context: Context) -> Receipt:
            try:
                return await super().send(piece, context)
            except error as raised:
                raise other(str(raised)) from raised

    return Mistakes


BROKEN: list[tuple[str, Callable[[], Parrot]]] = [
    ("verify.missing", LetsAllIn),
    ("verify.wrong", ComparesText),
    ("keys.stable", MakesKeys),
    ("route.agrees", OneLane),
    ("in.changed_id", NamesByDelivery),
    ("bodies.mutated", TrustsTheBody),
    ("batch.isolated", RoutesOnTrust),
    ("parse.pure", ReadsAFile),
    ("kinds.unknown", HidesTheUnknown),
    ("out.reply", Shouts),
    ("out.reply", NamesNothing),
    ("out.limit", SaysTooMuch),
    ("loop.free", Blocks),
    ("secrets.quiet", Chatters),
    ("out.reply_to", ForgetsTheAnswered),
    ("fail.rate_limited", mistaking(RetryLaterError, ContentError)),
    ("fail.unauthorized", mistaking(ReauthError, RecipientError)),
    ("fail.recipient", mistaking(RecipientError, ReauthError)),
    ("fail.content", mistaking(ContentError, RetryLaterError)),
    ("unknown.reset_after", mistaking(UnknownOutcomeError, RetryLaterError)),
]


@pytest.mark.parametrize(("rule", "broken"), BROKEN, ids=lambda value: value if isinstance(value, str) else None)
async def test_a_broken_plugin_fails_its_rule(rule: str, broken: Callable[[], Parrot], tmp_path: Path) -> None:
    class Kit(ChannelConformance):
        channel = broken()
        driver = Driver
        exempt: ClassVar = {rule: "it is broken on purpose"}

    outcomes: list[object] = []

    def record(name: str, value: object) -> None:
        if name == RESULT and isinstance(value, dict):
            outcomes.append(value["outcome"])

    kit = Kit()
    kit.begin(tmp_path, record)
    [method] = [method for method, known in RULES.items() if known.id == rule]
    assert callable(method)
    await method(kit)

    assert outcomes == [Outcome.FAILED]
