"""A channel that mirrors: what its hooks are given, and what they must return."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chaskiq_core.errors import PluginError
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Channel, Found, build_registry
from chaskiq_core.plugin import (
    AppUserView,
    ChannelContext,
    ConversationView,
    MirrorView,
    PersonView,
    Sender,
    hookimpl,
)
from tests.harness.lent import Lent
from tests.harness.tiny_channel import TinyChannel, TinySettings

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 9, 21, tzinfo=UTC)
MAYA = PersonView(id="1", kind="lead", name="Maya", email=None, avatar_url=None)
VIEW = MirrorView(
    conversation=ConversationView(
        key="c1",
        state="opened",
        priority=False,
        subject=None,
        tags=(),
        assignee=None,
        team=None,
        main_participant=MAYA,
        participants=(MAYA,),
        channels=(),
        created_at=NOW,
        updated_at=NOW,
        closed_at=None,
        first_agent_reply_at=None,
        latest_user_visible_comment_at=None,
        unread_count=0,
        version=1,
    ),
    contact=AppUserView(
        id="1",
        kind="lead",
        name="Maya",
        email=None,
        avatar_url=None,
        phone=None,
        properties={},
        subscription_state="subscribed",
        profiles=(),
    ),
    agents=(),
)


class Mirroring(TinyChannel):
    """Keeps its threads in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.manifest = replace(
            self.manifest, offers=self.manifest.offers | {"open_mirror", "show_mirror", "fetch_profile"}
        )
        self.threads: list[str] = []
        self.rubbish = False

    @hookimpl
    async def fetch_profile(self, person_id: str, context: ChannelContext[TinySettings]) -> Sender:
        return Sender(id=person_id, name="Ann") if not self.rubbish else "Ann"  # type: ignore[return-value]

    @hookimpl
    async def open_mirror(
        self, mirror: MirrorView, channel_id: str, again: bool, context: ChannelContext[TinySettings]
    ) -> str:
        self.threads.append(f"{mirror.conversation.key} in {channel_id}{' again' if again else ''}")
        return "thread" if not self.rubbish else ""

    @hookimpl
    async def show_mirror(
        self, mirror: MirrorView, channel_id: str, thread_id: str, context: ChannelContext[TinySettings]
    ) -> None:
        self.threads.append(f"{mirror.conversation.key} in {channel_id}/{thread_id}")


def checked(plugin: TinyChannel) -> Channel:
    return build_registry([Found(name="tiny", plugin=plugin)]).channels["tiny"]


async def test_a_mirror_is_opened_and_shown(host: Host) -> None:
    plugin = Mirroring()
    channel, lent = checked(plugin), Lent(TinySettings())

    assert await host.open_mirror(channel, VIEW, "C1", lent, again=True) == "thread"
    await host.show_mirror(channel, VIEW, "C1", "thread", lent)
    assert (await host.fetch_profile(channel, "U1", lent)).name == "Ann"
    assert plugin.threads == ["c1 in C1 again", "c1 in C1/thread"]


async def test_rubbish_is_a_named_error(host: Host) -> None:
    plugin = Mirroring()
    plugin.rubbish = True
    channel, lent = checked(plugin), Lent(TinySettings())

    with pytest.raises(PluginError, match="open_mirror returned no thread"):
        await host.open_mirror(channel, VIEW, "C1", lent, again=False)
    with pytest.raises(PluginError, match="fetch_profile returned no Sender"):
        await host.fetch_profile(channel, "U1", lent)


async def test_who_mirrors_offers_all_that_it_needs() -> None:
    plugin = Mirroring()
    plugin.manifest = replace(plugin.manifest, offers=plugin.manifest.offers - {"show_mirror"})

    with pytest.raises(PluginError, match="show_mirror"):
        checked(plugin)


async def test_its_provider_is_listened_for() -> None:
    registry = build_registry([Found(name="tiny", plugin=Mirroring())])

    assert registry.listeners()["open_mirror"] == ("tiny",)
    assert "open_mirror" not in build_registry([Found(name="tiny", plugin=TinyChannel())]).listeners()
