"""The time after a contact's message in which a provider takes free texts; known in advance, so nobody runs into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chaskiq_core.plugin.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How it stands in one chat."""

    hours: float
    """How long it is."""
    closes_at: datetime | None
    """None: the contact has never written."""

    def is_open(self, now: datetime) -> bool:
        """Whether a free text may go out now."""
        return self.closes_at is not None and now < self.closes_at

    @property
    def reason(self) -> str:
        """Why a free text may not go out, for who wants to send one."""
        if self.closes_at is None:
            return "the contact has not written yet: only a template may be sent"
        return f"{self.hours:g} hours have passed since the contact last wrote: only a template may be sent"


def window_of(manifests: Mapping[str, Manifest], provider: str, last_inbound_at: datetime | None) -> Window | None:
    """The chat's window; None: the provider has none."""
    manifest = manifests.get(provider)
    if manifest is None or manifest.window_seconds is None:
        return None
    seconds = manifest.window_seconds
    closes_at = last_inbound_at + timedelta(seconds=seconds) if last_inbound_at else None
    return Window(hours=seconds / 3600, closes_at=closes_at)
