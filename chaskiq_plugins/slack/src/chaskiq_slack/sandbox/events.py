"""What is told to apps: envelopes, to each app that is in the channel; a mention comes twice, as at Slack."""

from collections.abc import Mapping
from urllib.parse import urlencode

from chaskiq_core.testing.sandbox import Json, JsonObject, Lane, write_json
from chaskiq_slack.sandbox.memory.apps import App
from chaskiq_slack.sandbox.memory.rooms import PRIVATE, PUBLIC
from chaskiq_slack.sandbox.sandbox import SlackSandbox

LIFETIME_SECONDS = 3600.0
ANSWER_SECONDS = 3.0
"""How long a press waits: it is told once."""
SHOWN_AS = {PUBLIC: "channel", PRIVATE: "group"}


class Teller:
    """Tells apps what happens."""

    def __init__(self, sandbox: SlackSandbox) -> None:
        self._sandbox = sandbox

    def tell(self, team: str, channel: str, event: JsonObject) -> None:
        """Every app that is in the channel hears of it."""
        members = self._sandbox.rooms.members(team, channel)
        for app in self._sandbox.apps.all(team):
            if app.user_id in members and not app.is_revoked:
                self.tell_app(app, event, queue=channel)
                if _mentions(event, app):
                    mention = {name: value for name, value in event.items() if name not in ("channel_type", "subtype")}
                    self.tell_app(app, {**mention, "type": "app_mention"}, queue=channel)
        self._sandbox.news.ring()

    def tell_message(self, team: str, channel: str, event: JsonObject) -> None:
        """The same of a message, with what kind of channel it is in."""
        row = self._sandbox.rooms.channel(team, channel)
        kind = str(row["kind"]) if row else PUBLIC
        self.tell(team, channel, {**event, "channel": channel, "channel_type": SHOWN_AS.get(kind, kind)})

    def tell_app(self, app: App, event: JsonObject, *, queue: str = "") -> None:
        """One app hears of it."""
        body: JsonObject = {
            "token": "the-legacy-token-proves-nothing",
            "team_id": app.team,
            "context_team_id": app.team,
            "context_enterprise_id": None,
            "api_app_id": app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self._sandbox.rooms.take_number('event'):010d}",
            "event_time": int(self._sandbox.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": app.team,
                    "user_id": app.user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
        expires_at = self._sandbox.now() + LIFETIME_SECONDS
        self._sandbox.delivery.send(Lane(app.token, queue), write_json(body).encode(), expires_at=expires_at)

    def tell_form(self, app: App, fields: Mapping[str, str]) -> None:
        """A press or a slash command: told at once, once."""
        queue = f"form/{self._sandbox.rooms.take_number('form')}"
        expires_at = self._sandbox.now() + ANSWER_SECONDS
        self._sandbox.delivery.send(Lane(app.token, queue), urlencode(fields).encode(), expires_at=expires_at)

    def trigger_id(self) -> str:
        """What a press or a command is known by."""
        return f"{self._sandbox.rooms.take_number('trigger')}.{int(self._sandbox.now())}.sandbox"


def _mentions(event: Mapping[str, Json], app: App) -> bool:
    return (
        event.get("type") == "message"
        and event.get("subtype") in (None, "file_share", "thread_broadcast")
        and event.get("channel_type") != "im"
        and f"<@{app.user_id}>" in str(event.get("text"))
        and event.get("user") != app.user_id
    )
