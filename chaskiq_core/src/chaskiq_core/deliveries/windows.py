"""How the windows of chats stand: counted from the contact's last message there, in whichever conversation it was."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text, tuple_

from chaskiq_core.model import ConversationChannel
from chaskiq_core.model.conversations import IS_CURRENT
from chaskiq_core.plugin.windows import Window, window_of
from chaskiq_core.store.unit import Unit


def find_windows(unit: Unit, channels: Iterable[ConversationChannel]) -> dict[int, Window]:
    """By channel, those of providers that have one; a statement only for chats that moved to another conversation."""
    manifests = unit.manifests
    wanted = [one for one in channels if window_of(manifests, one.provider, None) is not None]
    moved = _last_in_moved(unit, [one for one in wanted if not one.current])
    found: dict[int, Window] = {}
    for channel in wanted:
        times = [time for time in (channel.last_inbound_at, moved.get(_chat(channel))) if time is not None]
        window = window_of(manifests, channel.provider, max(times, default=None))
        if window is not None:
            found[channel.id] = window
    return found


def note_inbound(channel: ConversationChannel, at: datetime | None, now: datetime) -> None:
    """The contact wrote; a provider's time in the future is none."""
    wrote_at = min(at or now, now)
    if channel.last_inbound_at is None or channel.last_inbound_at < wrote_at:
        channel.last_inbound_at = wrote_at


def _chat(channel: ConversationChannel) -> tuple[int, str, str]:
    return (channel.integration_id, channel.channel_id, channel.thread_id)


def _last_in_moved(unit: Unit, channels: list[ConversationChannel]) -> dict[tuple[int, str, str], datetime]:
    """When contacts last wrote in chats that carry another conversation now."""
    if not channels:
        return {}
    statement = unit.select(ConversationChannel).where(
        text(IS_CURRENT),
        tuple_(ConversationChannel.integration_id, ConversationChannel.channel_id, ConversationChannel.thread_id).in_(
            sorted({_chat(one) for one in channels})
        ),
    )
    return {_chat(one): one.last_inbound_at for one in unit.all(statement) if one.last_inbound_at is not None}
