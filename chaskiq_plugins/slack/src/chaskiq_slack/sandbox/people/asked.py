"""What a request of the people's API names: an app, a person, a channel, a message that is there."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import CustomerApiError, JsonObject
from chaskiq_slack.sandbox.memory.apps import TEAM, App
from chaskiq_slack.sandbox.sandbox import SlackSandbox


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's object, and the sandbox that it is about."""

    sandbox: SlackSandbox
    body: JsonObject

    def text(self, name: str, *, needed: bool = True) -> str:
        """The text of that name."""
        value = self.body.get(name)
        if isinstance(value, str) and (value or not needed):
            return value
        if value is None and not needed:
            return ""
        raise CustomerApiError(422, f"{name} must be a text")

    @property
    def team(self) -> str:
        """The workspace: the named one, or the one that everybody is in."""
        return self.text("team", needed=False) or TEAM

    def app(self) -> App:
        """The app of the token that is named; without one the first of the workspace."""
        token = self.text("token", needed=False)
        found = self.sandbox.apps.of_token(token) if token else next(iter(self.sandbox.apps.all(self.team)), None)
        if found is None:
            raise CustomerApiError(404, "no app has this token; add it with POST /sandbox/apps")
        return found

    def user(self) -> str:
        """The person who does it; one who was not there joins the workspace."""
        user_id = self.text("user")
        if self.sandbox.rooms.user(self.team, user_id) is None:
            self.sandbox.rooms.add_user(self.team, user_id)
        return user_id

    def channel(self) -> str:
        """The channel that is named; without one the person's conversation with the app."""
        channel = self.text("channel", needed=False)
        if not channel:
            return self.sandbox.rooms.direct(self.team, self.user(), self.app().user_id)
        if self.sandbox.rooms.channel(self.team, channel) is None:
            raise CustomerApiError(404, f"there is no channel {channel}")
        return channel

    def message(self) -> JsonObject:
        """The message that is named."""
        found = self.sandbox.messages.find(self.team, self.channel(), self.text("ts"))
        if found is None:
            raise CustomerApiError(404, "there is no such message")
        return found
