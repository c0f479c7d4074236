"""What the registry refuses, a sentence each, before a webhook can find it out."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest

from chaskiq_core.errors import NotFoundError, PluginError
from chaskiq_core.host.registry import Found, build_registry, find_plugins
from chaskiq_core.plugin import (
    Accepted,
    AddPart,
    ChannelContext,
    ChannelSettings,
    InboundEvent,
    Manifest,
    Piece,
    Receipt,
    Verdict,
    WebhookItem,
    WebhookRequest,
    document_from_text,
    hookimpl,
)
from tests.harness.tiny_channel import TinyChannel


class Base(TinyChannel):
    """A whole channel, to be spoiled."""


class WithDefault(Base):
    @hookimpl
    def verify(self, request: WebhookRequest, settings: ChannelSettings | None = None) -> Verdict:
        return Accepted()


class Unmarked(Base):
    def route(self, request: WebhookRequest, settings: ChannelSettings) -> Sequence[WebhookItem]:
        return []


class Optional(Base):
    @hookimpl(optionalhook=True)
    def verify(self, request: WebhookRequest, settings: ChannelSettings) -> Verdict:
        return Accepted()


class Wrapper(Base):
    @hookimpl(wrapper=True)
    def verify(self, request: WebhookRequest, settings: ChannelSettings):  # type: ignore[no-untyped-def]
        return (yield)


class Misspelt(Base):
    @hookimpl
    def verfy(self, request: WebhookRequest) -> Verdict:
        return Accepted()


class WrongArgument(Base):
    @hookimpl
    def verify(self, webhook: WebhookRequest) -> Verdict:  # type: ignore[override]
        return Accepted()


class NotAsync(Base):
    @hookimpl
    def send(self, piece: Piece, context: ChannelContext[ChannelSettings]) -> Receipt:  # type: ignore[override]
        return Receipt(external_ids=(), message_keys=())


class AsyncParse(Base):
    @hookimpl
    async def parse(  # type: ignore[override]
        self, request: WebhookRequest, item: WebhookItem, settings: ChannelSettings
    ) -> Sequence[InboundEvent]:
        return []


class Undeclared(Base):
    @hookimpl
    async def uninstall(self, context: ChannelContext[ChannelSettings]) -> None:
        return None


class WithoutManifest(Base):
    def __init__(self) -> None:
        super().__init__()
        self.manifest = None  # type: ignore[assignment]


class NoVerify:
    manifest = TinyChannel().manifest

    @hookimpl
    def route(self, request: WebhookRequest, settings: ChannelSettings) -> Sequence[WebhookItem]:
        return []


class NoHooks:
    """A plugin that does nothing."""


class Greeter:
    """A whole observer."""

    @hookimpl
    async def part_added(self, part: object, conversation: object) -> Sequence[AddPart]:
        return [AddPart(content=document_from_text("hello"))]


@pytest.mark.parametrize(
    ("plugin", "sentence"),
    [
        (TinyChannel, "is the class TinyChannel: give an instance"),
        (WithDefault(), "verify gives its argument settings a default"),
        (Unmarked(), "route is named like a hook and not marked"),
        (Optional(), "optionalhook"),
        (Wrapper(), "wrapper"),
        (Misspelt(), "verfy"),
        (WrongArgument(), "webhook"),
        (NotAsync(), "send must be an async function"),
        (AsyncParse(), "parse must be a plain function"),
        (Undeclared(), "implements uninstall, and the manifest does not offer it"),
        (WithoutManifest(), "no `manifest`"),
        (NoVerify(), "does not implement"),
        (NoHooks(), "implements no hook"),
    ],
    ids=lambda value: value.__class__.__name__ if not isinstance(value, str) else "",
)
def test_a_plugin_that_falls_short_is_refused_with_a_sentence(plugin: object, sentence: str) -> None:
    with pytest.raises(PluginError, match="plugin bad") as refused:
        build_registry([Found(name="bad", plugin=plugin)])

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_declared_and_not_implemented_is_refused() -> None:
    channel = TinyChannel()
    channel.manifest = _offering(channel, "install", "uninstall")

    with pytest.raises(PluginError, match="offers uninstall, and does not implement it"):
        build_registry([Found(name="bad", plugin=channel)])


def test_an_unknown_offer_is_refused() -> None:
    channel = TinyChannel()
    channel.manifest = _offering(channel, "install", "teleport")

    with pytest.raises(PluginError, match="offers teleport, and there is no such optional hook"):
        build_registry([Found(name="bad", plugin=channel)])


def test_a_second_owner_of_a_provider_is_refused() -> None:
    with pytest.raises(PluginError, match="provider tiny is owned by plugin one"):
        build_registry([Found(name="one", plugin=TinyChannel()), Found(name="two", plugin=TinyChannel())])


def test_a_broken_entry_point_disables_itself_only() -> None:
    registry = build_registry(
        [Found(name="bad", plugin=NoHooks(), entry="somewhere:bad"), Found(name="tiny", plugin=TinyChannel())]
    )

    assert list(registry.channels) == ["tiny"]
    assert "implements no hook" in registry.broken["bad"]


def test_a_plugin_that_is_enabled_and_not_there_is_named() -> None:
    _, broken = find_plugins("teletext")

    assert broken == {"teletext": "plugin teletext is enabled and not installed"}


def test_two_hubs_share_no_plugins() -> None:
    first = build_registry([Found(name="tiny", plugin=TinyChannel())])
    second = build_registry([Found(name="greeter", plugin=Greeter())])

    assert list(first.channels) == ["tiny"]
    assert list(second.channels) == []
    assert second.listeners() == {"part_added": ("greeter",)}


def test_a_module_can_be_a_plugin() -> None:
    greeter = Greeter()
    plugin = SimpleNamespace(part_added=greeter.part_added)

    assert list(build_registry([Found(name="module", plugin=plugin)]).observers) == ["module"]


def _offering(channel: TinyChannel, *offers: str) -> Manifest:

    return replace(channel.manifest, offers=frozenset(offers))


def test_a_plugin_that_is_missing_is_named_with_its_package() -> None:
    registry = build_registry([], {})

    with pytest.raises(NotFoundError, match="pip install chaskiq-whatsapp"):
        registry.channel("whatsapp")
    with pytest.raises(NotFoundError, match="no channel plugin for 'nonsense'; installed: none"):
        registry.channel("nonsense")
