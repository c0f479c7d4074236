"""What is said on streams, and the names of streams and audiences within an App."""

import json
from dataclasses import dataclass
from functools import cached_property

from chaskiq_core.model.ids import AppId
from chaskiq_core.model.table import JsonObject

AGENTS = "agents"
CONTACT = "contact"
EVENTS_STREAM = "events"
"""All that agents of the App may see."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """A committed change, as a hint to whoever listens; `position` is its place in the stream's history."""

    app_id: AppId
    stream: str
    audience: str
    payload: JsonObject
    position: tuple[int, int]
    """The transaction on PostgreSQL, 0 on SQLite; and the id of the row, which no other change has."""

    @cached_property
    def text(self) -> str:
        """The payload as JSON: made once, however many it is sent to."""
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":"))


def agent_stream(agent_id: int | str) -> str:
    """What concerns one agent only."""
    return f"events-{agent_id}"


def contact_stream(session_id: str) -> str:
    """What one contact may see."""
    return f"messenger_events-{session_id}"
