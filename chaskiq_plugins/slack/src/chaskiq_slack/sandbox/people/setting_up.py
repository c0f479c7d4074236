"""Apps, people and channels: who is there."""

import secrets
from dataclasses import replace

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject, body_of, json_response, write_json
from chaskiq_slack.sandbox.delivery import signed_headers
from chaskiq_slack.sandbox.events import Teller
from chaskiq_slack.sandbox.memory.apps import SCOPES, App
from chaskiq_slack.sandbox.memory.rooms import LETTERS, PUBLIC, shown_channel, shown_user
from chaskiq_slack.sandbox.people.asked import Asked
from chaskiq_slack.sandbox.sandbox import SlackSandbox

CHALLENGE_SECONDS = 3.0


class SettingUp:
    """Answers `/sandbox/apps`, `/sandbox/users` and `/sandbox/channels`."""

    def __init__(self, sandbox: SlackSandbox, teller: Teller) -> None:
        self._sandbox = sandbox
        self._teller = teller

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/apps", self.set_app, methods=["POST"]),
            Route("/sandbox/apps", self.apps),
            Route("/sandbox/uninstall", self.uninstall, methods=["POST"]),
            Route("/sandbox/users", self.add_user, methods=["POST"]),
            Route("/sandbox/users", self.users),
            Route("/sandbox/channels", self.add_channel, methods=["POST"]),
            Route("/sandbox/channels", self.channels),
            Route("/sandbox/members", self.change_members, methods=["POST"]),
        ]

    async def set_app(self, request: Request) -> Response:
        """An app and its URLs; a new request URL must answer the challenge first, as at Slack."""
        asked = Asked(self._sandbox, await body_of(request))
        try:
            app = self._sandbox.apps.add(
                asked.text("token"), team=asked.team, scopes=asked.text("scopes", needed=False) or SCOPES
            )
        except ValueError as error:
            raise CustomerApiError(422, str(error)) from None
        scopes = asked.text("scopes", needed=False)
        changed = replace(
            app,
            name=asked.text("name", needed=False) or app.name,
            signing_secret=asked.text("signing_secret", needed=False) or app.signing_secret,
            request_url=asked.text("request_url", needed=False) or app.request_url,
            interactivity_url=asked.text("interactivity_url", needed=False) or app.interactivity_url,
            scopes=frozenset(scopes.split(",")) if scopes else app.scopes,
        )
        if changed.request_url != app.request_url and asked.body.get("verify", True):
            await self._challenge(changed)
        self._sandbox.apps.change(changed)
        self._sandbox.delivery.wake_all(changed.token)
        return json_response(_shown(changed), status=201)

    async def apps(self, request: Request) -> Response:
        return json_response({"apps": list[Json]([_shown(app) for app in self._sandbox.apps.all()])})

    async def uninstall(self, request: Request) -> Response:
        """The workspace takes the app away: its token is worth nothing, and it is told so, twice."""
        app = Asked(self._sandbox, await body_of(request)).app()
        self._sandbox.apps.revoke(app)
        self._teller.tell_app(app, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [app.user_id]}})
        self._teller.tell_app(app, {"type": "app_uninstalled"})
        return json_response({"uninstalled": True})

    async def add_user(self, request: Request) -> Response:
        asked = Asked(self._sandbox, await body_of(request))
        names = {name: asked.text(name, needed=False) for name in ("name", "real_name", "email")}
        self._sandbox.rooms.add_user(asked.team, asked.text("id"), **names)
        return json_response({"id": asked.text("id")}, status=201)

    async def users(self, request: Request) -> Response:
        team = Asked(self._sandbox, dict(request.query_params)).team
        return json_response({"users": list[Json]([shown_user(row) for row in self._sandbox.rooms.users(team)])})

    async def add_channel(self, request: Request) -> Response:
        """A channel; all apps of the workspace are in it unless `apps` is false."""
        asked = Asked(self._sandbox, await body_of(request))
        kind = asked.text("kind", needed=False) or PUBLIC
        if kind not in LETTERS:
            raise CustomerApiError(422, f"kind is one of {', '.join(LETTERS)}")
        name, channel_id = (asked.text(one, needed=False) for one in ("name", "id"))
        channel = self._sandbox.rooms.add_channel(asked.team, channel_id=channel_id, name=name, kind=kind)
        members = asked.body.get("members")
        for member in members if isinstance(members, list) else []:
            self._sandbox.rooms.join(asked.team, channel, str(member))
        if asked.body.get("apps", True):
            for app in self._sandbox.apps.all(asked.team):
                self._sandbox.rooms.join(asked.team, channel, app.user_id)
        return json_response({"id": channel}, status=201)

    async def channels(self, request: Request) -> Response:
        team = Asked(self._sandbox, dict(request.query_params)).team
        found = [shown_channel(row, is_member=True) for row in self._sandbox.rooms.channels(team)]
        return json_response({"channels": list[Json](found)})

    async def change_members(self, request: Request) -> Response:
        """Somebody, or with `app: true` the app, comes or, with `leaves: true`, goes; `archived` closes the channel."""
        asked = Asked(self._sandbox, await body_of(request))
        channel = asked.channel()
        if "archived" in asked.body:
            self._sandbox.rooms.archive(asked.team, channel, is_archived=bool(asked.body["archived"]))
            return json_response({"archived": bool(asked.body["archived"])})
        member = asked.app().user_id if asked.body.get("app") else asked.user()
        leaves = bool(asked.body.get("leaves"))
        event: JsonObject = {
            "type": "member_left_channel" if leaves else "member_joined_channel",
            "user": member,
            "channel": channel,
            "channel_type": "C",
            "team": asked.team,
            "event_ts": self._sandbox.messages.take_ts(),
        }
        if not leaves and self._sandbox.rooms.join(asked.team, channel, member):
            self._teller.tell(asked.team, channel, event)
        if leaves and member in self._sandbox.rooms.members(asked.team, channel):
            self._teller.tell(asked.team, channel, event)
            self._sandbox.rooms.leave(asked.team, channel, member)
        return json_response({"members": list[Json](self._sandbox.rooms.members(asked.team, channel))})

    async def _challenge(self, app: App) -> None:
        challenge = secrets.token_urlsafe(24)
        body = write_json({"token": "legacy", "challenge": challenge, "type": "url_verification"}).encode()
        headers = signed_headers(app.signing_secret, body, int(self._sandbox.now()))
        headers["Content-Type"] = "application/json"
        try:
            async with httpx.AsyncClient(
                transport=self._sandbox.transport, timeout=CHALLENGE_SECONDS, trust_env=False
            ) as client:
                answer = await client.post(app.request_url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CustomerApiError(422, f"your URL did not answer: {type(error).__name__}") from None
        if not answer.is_success or challenge not in answer.text:
            raise CustomerApiError(422, f"your URL did not answer the challenge: HTTP {answer.status_code}")


def _shown(app: App) -> JsonObject:
    return {
        "token": app.token,
        "team": app.team,
        "name": app.name,
        "app_id": app.app_id,
        "bot_id": app.bot_id,
        "bot_user_id": app.user_id,
        "signing_secret": app.signing_secret,
        "request_url": app.request_url,
        "scopes": ",".join(sorted(app.scopes)),
        "revoked": app.is_revoked,
    }
