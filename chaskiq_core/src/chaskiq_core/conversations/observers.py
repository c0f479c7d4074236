"""Calling observers: a Job per plugin that listens, in the transaction of what it is called for."""

from chaskiq_core.model import Conversation
from chaskiq_core.store.unit import Unit

OBSERVER_JOB = "observer"


def call_observers(
    unit: Unit, hook: str, conversation: Conversation, *, subject: str, by_plugin: str | None, is_note: bool = False
) -> None:
    """Enqueue the calls: once per plugin, hook and subject; not to whom it comes from; notes to who asked for them."""
    for plugin in unit.listeners.get(hook, ()):
        if plugin == by_plugin or (is_note and plugin not in unit.listeners.get("notes", ())):
            continue
        unit.enqueue(
            OBSERVER_JOB,
            f"observer/{plugin}/{hook}/{subject}",
            {"plugin": plugin, "hook": hook, "subject": subject, "conversation": conversation.key},
            lane_key=f"observer/{plugin}/{conversation.key}",
        )
