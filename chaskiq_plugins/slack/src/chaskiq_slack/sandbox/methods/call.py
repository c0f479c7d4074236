"""One call of the Web API, and what a method answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from chaskiq_core.testing.sandbox import Json, JsonObject, Row
from chaskiq_slack.sandbox.errors import SlackError
from chaskiq_slack.sandbox.events import Teller
from chaskiq_slack.sandbox.memory.apps import App
from chaskiq_slack.sandbox.sandbox import SlackSandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls, with what."""

    sandbox: SlackSandbox
    teller: Teller
    app: App
    parameters: JsonObject
    base_url: str
    """Where the sandbox is, for the addresses that it gives."""

    def text(self, name: str) -> str:
        """A text or a number that was given; '' for none."""
        value = self.parameters.get(name)
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

    def needed(self, name: str, error: str = "invalid_arguments") -> str:
        """The same, which must be there."""
        if value := self.text(name):
            return value
        raise SlackError(error)

    def flag(self, name: str) -> bool:
        return str(self.parameters.get(name, "")).lower() in ("true", "1")

    def number(self, name: str, usual: int) -> int:
        value = self.text(name)
        return int(value) if value.isdecimal() else usual

    def scoped(self, *scopes: str) -> None:
        """The token may do this, by any of the scopes."""
        if not self.app.scopes & set(scopes):
            raise SlackError("missing_scope", needed=scopes[0], provided=",".join(sorted(self.app.scopes)))

    def channel(self, *, is_member: bool = True) -> Row:
        """The channel that is named; the app must be in it, unless it need not."""
        row = self.sandbox.rooms.channel(self.app.team, self.needed("channel", "channel_not_found"))
        members = self.sandbox.rooms.members(self.app.team, row["id"]) if row else []
        if row is None or (row["kind"] != "channel" and self.app.user_id not in members):
            raise SlackError("channel_not_found")
        if row["is_archived"]:
            raise SlackError("is_archived")
        if is_member and self.app.user_id not in members:
            raise SlackError("not_in_channel")
        return row


@dataclass(frozen=True, slots=True)
class Done:
    """What was answered, and which messages were made."""

    body: JsonObject
    message_ids: tuple[str, ...] = ()


Method: TypeAlias = Callable[[Call], Done]


def done(**told: Json) -> Done:
    """Yes, and that."""
    return Done({"ok": True, **told})
