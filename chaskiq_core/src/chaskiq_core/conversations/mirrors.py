"""Mirrors: where agents follow a conversation outside of the house; opened by a Job, told of changes by others."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.start import ChannelName, add_channel
from chaskiq_core.deliveries.plan import plan
from chaskiq_core.model import ConversationChannel, ConversationPart, Integration, IntegrationState, PartKind
from chaskiq_core.store.unit import NORMAL_PRIORITY, Unit

OPEN_MIRROR_JOB = "open_mirror"
SHOW_MIRROR_JOB = "show_mirror"
TAKE_MIRRORED_JOB = "take_mirrored"
"""Takes what agents wrote or asked for in a mirror."""
SETTING = "mirror_channel"
"""The setting of a channel that mirrors: the provider's id of where it does."""
MAX_CAUGHT_UP = 100
"""Parts that were there before the mirror and are told in it."""
WORKS = (IntegrationState.ACTIVE, IntegrationState.INSTALLING)


def open_mirrors(unit: Unit, dialogue: Dialogue) -> None:
    """A Job for each integration that mirrors; none for the conversations that come through itself."""
    providers = unit.listeners.get(OPEN_MIRROR_JOB, ())
    if not providers:
        return
    own = {channel.integration_id for channel in dialogue.channels}
    for integration in unit.all(unit.select(Integration).where(Integration.provider.in_(providers))):
        if integration.settings.get(SETTING) and integration.state in WORKS and integration.id not in own:
            unit.enqueue(
                OPEN_MIRROR_JOB,
                f"{OPEN_MIRROR_JOB}/{integration.key}/{dialogue.conversation.key}",
                {"integration": integration.id, "conversation": dialogue.conversation.key},
                lane_key=mirror_lane(dialogue.conversation.key),
            )


def show_in_mirrors(unit: Unit, dialogue: Dialogue) -> None:
    """The conversation stands otherwise: its mirrors say so."""
    for channel in dialogue.channels:
        if channel.mirror:
            unit.enqueue(
                SHOW_MIRROR_JOB,
                f"{SHOW_MIRROR_JOB}/{channel.id}/{unit.new_key()}",
                {"channel": channel.id, "conversation": dialogue.conversation.key},
                lane_key=mirror_lane(dialogue.conversation.key),
            )


def add_mirror(unit: Unit, dialogue: Dialogue, name: ChannelName) -> ConversationChannel:
    """The mirror is there: what was said before it is on its way to it, in order."""
    channel = add_channel(unit, dialogue, name)
    parts = unit.all(
        unit.select(ConversationPart)
        .where(
            ConversationPart.conversation_id == dialogue.conversation.id,
            ConversationPart.kind != PartKind.EVENT,
            ConversationPart.deleted_at.is_(None),
        )
        .order_by(ConversationPart.seq.desc())
        .limit(MAX_CAUGHT_UP)
    )
    for part in reversed(parts):
        plan(unit, dialogue.conversation, part, [channel], None, priority=NORMAL_PRIORITY)
    return channel


def mirror_lane(conversation_key: str) -> str:
    """The lane of all that a conversation's mirrors are told, and of what is told in them."""
    return f"mirror/{conversation_key}"
