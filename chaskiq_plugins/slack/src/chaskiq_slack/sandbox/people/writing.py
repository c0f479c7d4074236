"""What people write, change, take back, press; and what they see."""

from secrets import token_hex

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import (
    CustomerApiError,
    Json,
    JsonObject,
    body_of,
    json_response,
    look,
    object_at,
    read_object,
    write_json,
)
from chaskiq_slack.sandbox.events import Teller
from chaskiq_slack.sandbox.memory.files import SHARED
from chaskiq_slack.sandbox.people.asked import Asked
from chaskiq_slack.sandbox.sandbox import SlackSandbox
from chaskiq_slack.sandbox.shown_files import describe_file

TOMBSTONE: JsonObject = {
    "subtype": "tombstone",
    "text": "This message was deleted.",
    "user": "USLACKBOT",
    "hidden": True,
}


class Writing:
    """Answers `/sandbox/messages` and what is done to messages."""

    def __init__(self, sandbox: SlackSandbox, teller: Teller) -> None:
        self._sandbox = sandbox
        self._teller = teller

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/messages", self.write, methods=["POST"]),
            Route("/sandbox/messages", self.seen),
            Route("/sandbox/messages", self.edit, methods=["PATCH"]),
            Route("/sandbox/messages", self.delete, methods=["DELETE"]),
            Route("/sandbox/previews", self.unfurl, methods=["POST"]),
            Route("/sandbox/reactions", self.react, methods=["POST"]),
            Route("/sandbox/presses", self.press, methods=["POST"]),
            Route("/sandbox/shortcuts", self.shortcut, methods=["POST"]),
            Route("/sandbox/commands", self.command, methods=["POST"]),
            Route("/sandbox/events", self.raw, methods=["POST"]),
        ]

    async def write(self, request: Request) -> Response:
        """A message: JSON, or a form with files and the rest as JSON in `message`."""
        if not request.headers.get("content-type", "").startswith("multipart/"):
            return self._write(await body_of(request), [])
        async with request.form() as form:
            told = form.get("message", "{}")
            body = read_object(told) if isinstance(told, str) else {}
            uploads = [one for one in form.getlist("file") if isinstance(one, UploadFile)]
            contents = [(one.filename or "file", await one.read()) for one in uploads]
        return self._write(body, contents, base_url=str(request.base_url).rstrip("/"))

    async def seen(self, request: Request) -> Response:
        """All of a channel, oldest first; `after` a ts, `wait` for more."""
        asked = Asked(self._sandbox, dict(request.query_params))
        channel, after = asked.channel(), request.query_params.get("after", "")

        def see() -> list[Json]:
            found = self._sandbox.messages.all(asked.team, channel)
            return [one for one in found if str(one["ts"]) > after]

        messages = await look(self._sandbox, request, see, bool)
        return json_response({"channel": channel, "messages": messages})

    async def edit(self, request: Request) -> Response:
        """A message says something else."""
        asked = Asked(self._sandbox, await body_of(request))
        before, ts = asked.message(), self._sandbox.messages.take_ts()
        edited: JsonObject = {"user": asked.user(), "ts": ts}
        self._change(asked, before, {**before, "text": asked.text("text"), "edited": edited}, ts)
        return json_response({"edited": True})

    async def unfurl(self, request: Request) -> Response:
        """Slack shows a preview of a link: told as a change, in which nobody changed a thing."""
        asked = Asked(self._sandbox, await body_of(request))
        before = asked.message()
        preview: Json = [{"id": 1, "title": "A page", "from_url": "https://example.org", "fallback": "A page"}]
        self._change(asked, before, {**before, "attachments": preview}, self._sandbox.messages.take_ts())
        return json_response({"unfurled": True})

    async def delete(self, request: Request) -> Response:
        """A message is gone; one that has replies leaves a stone."""
        asked = Asked(self._sandbox, await body_of(request))
        before, channel = asked.message(), asked.channel()
        ts = self._sandbox.messages.take_ts()
        if before.get("thread_ts") == before["ts"]:
            self._change(
                asked, before, {"type": "message", "ts": before["ts"], "thread_ts": before["ts"], **TOMBSTONE}, ts
            )
            return json_response({"deleted": True})
        self._sandbox.messages.remove(asked.team, channel, str(before["ts"]))
        event: JsonObject = {"type": "message", "subtype": "message_deleted", "deleted_ts": before["ts"]}
        event |= {"previous_message": before, "hidden": True, "ts": ts, "event_ts": ts}
        self._teller.tell_message(asked.team, channel, event)
        return json_response({"deleted": True})

    async def react(self, request: Request) -> Response:
        asked = Asked(self._sandbox, await body_of(request))
        message, channel = asked.message(), asked.channel()
        item: JsonObject = {"type": "message", "channel": channel, "ts": message["ts"]}
        event: JsonObject = {
            "type": "reaction_removed" if asked.body.get("removed") else "reaction_added",
            "user": asked.user(),
            "reaction": asked.text("name"),
            "item_user": message.get("user"),
            "item": item,
            "event_ts": self._sandbox.messages.take_ts(),
        }
        self._teller.tell(asked.team, channel, event)
        return json_response({"reacted": True})

    async def press(self, request: Request) -> Response:
        """A button, by its `action_id` or its `value`, or a choice, which has a `selected_option` too."""
        asked = Asked(self._sandbox, await body_of(request))
        message, channel, user = asked.message(), asked.channel(), asked.user()
        action = _find_action(message, asked)
        app = next((one for one in self._sandbox.apps.all(asked.team) if one.bot_id == message.get("bot_id")), None)
        if app is None:
            raise CustomerApiError(409, "only an app's message has buttons")
        if chosen := object_at(asked.body, "selected_option"):
            action = {**action, "selected_option": chosen}
        container: JsonObject = {"type": "message", "message_ts": message["ts"], "channel_id": channel}
        container |= {"is_ephemeral": False}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        person = self._sandbox.rooms.user(asked.team, user)
        name = person["name"] if person else user
        payload: JsonObject = {
            "type": "block_actions",
            "user": {"id": user, "username": name, "name": name, "team_id": asked.team},
            "api_app_id": app.app_id,
            "token": "the-legacy-token-proves-nothing",
            "container": container,
            "trigger_id": self._teller.trigger_id(),
            "team": {"id": asked.team, "domain": asked.team.lower()},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel, "name": channel.lower()},
            "message": message,
            "state": {"values": {}},
            "response_url": f"https://hooks.slack.com/actions/{token_hex(8)}",
            "actions": [{**action, "action_ts": self._sandbox.messages.take_ts()}],
        }
        self._teller.tell_form(app, {"payload": write_json(payload)})
        return json_response({"pressed": True})

    async def shortcut(self, request: Request) -> Response:
        """A shortcut of the app in the menu of a message, by its `callback_id`."""
        asked = Asked(self._sandbox, await body_of(request))
        app, message, channel, user = asked.app(), asked.message(), asked.channel(), asked.user()
        payload: JsonObject = {
            "type": "message_action",
            "callback_id": asked.text("callback_id"),
            "trigger_id": self._teller.trigger_id(),
            "message_ts": message["ts"],
            "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": asked.team},
            "api_app_id": app.app_id,
            "team": {"id": asked.team, "domain": asked.team.lower()},
            "channel": {"id": channel, "name": channel.lower()},
            "message": message,
        }
        self._teller.tell_form(app, {"payload": write_json(payload)})
        return json_response({"asked": True})

    async def command(self, request: Request) -> Response:
        asked = Asked(self._sandbox, await body_of(request))
        app, channel, user = asked.app(), asked.channel(), asked.user()
        person = self._sandbox.rooms.user(asked.team, user)
        fields = {
            "token": "the-legacy-token-proves-nothing",
            "team_id": asked.team,
            "team_domain": asked.team.lower(),
            "channel_id": channel,
            "channel_name": channel.lower(),
            "user_id": user,
            "user_name": str(person["name"]) if person else user,
            "command": asked.text("command"),
            "text": asked.text("text", needed=False),
            "api_app_id": app.app_id,
            "is_enterprise_install": "false",
            "response_url": f"https://hooks.slack.com/commands/{token_hex(8)}",
            "trigger_id": self._teller.trigger_id(),
        }
        self._teller.tell_form(app, fields)
        return json_response({"commanded": True})

    async def raw(self, request: Request) -> Response:
        """Any event, as it is given, to the app."""
        asked = Asked(self._sandbox, await body_of(request))
        event = object_at(asked.body, "event")
        if not event:
            raise CustomerApiError(422, "event must be an object")
        self._teller.tell_app(asked.app(), event, queue=str(event.get("channel", "")))
        return json_response({"told": True})

    def _write(self, body: JsonObject, contents: list[tuple[str, bytes]], *, base_url: str = "") -> Response:
        asked = Asked(self._sandbox, body)
        user, channel = asked.user(), asked.channel()
        self._sandbox.rooms.join(asked.team, channel, user)
        ts = self._sandbox.messages.take_ts()
        message: JsonObject = {"type": "message", "user": user, "ts": ts, "team": asked.team}
        message |= {"text": asked.text("text", needed=not contents and "blocks" not in body)}
        message |= {"client_msg_id": token_hex(16)}
        message |= {name: value for name, value in body.items() if name in ("blocks", "subtype", "thread_ts")}
        if contents:
            files = [self._keep(asked.team, user, name, content, base_url) for name, content in contents]
            message |= {"subtype": "file_share", "files": list[Json](files)}
        if thread_ts := asked.text("thread_ts", needed=False):
            parent = self._sandbox.messages.find(asked.team, channel, thread_ts)
            if parent is None:
                raise CustomerApiError(404, "there is no message to answer in a thread")
            message["parent_user_id"] = parent.get("user")
            self._sandbox.messages.keep(asked.team, channel, {**parent, "thread_ts": thread_ts})
        self._sandbox.messages.keep(asked.team, channel, message)
        self._teller.tell_message(asked.team, channel, {**message, "event_ts": ts})
        return json_response({"channel": channel, "ts": ts}, status=201)

    def _keep(self, team: str, user: str, name: str, content: bytes, base_url: str) -> JsonObject:
        file_id = f"F{self._sandbox.rooms.take_number('file'):08d}"
        doc = describe_file(file_id, name, team=team, owner=user, base_url=base_url, size=len(content))
        self._sandbox.files.add(file_id, team=team, owner=user, length=len(content), doc=doc)
        self._sandbox.files.path_of(file_id).write_bytes(content)
        self._sandbox.files.change(file_id, doc, SHARED)
        return doc

    def _change(self, asked: Asked, before: JsonObject, now: JsonObject, ts: str) -> None:
        channel = asked.channel()
        self._sandbox.messages.keep(asked.team, channel, now)
        event: JsonObject = {
            "type": "message",
            "subtype": "message_changed",
            "message": now,
            "previous_message": before,
        }
        self._teller.tell_message(asked.team, channel, {**event, "hidden": True, "ts": ts, "event_ts": ts})


def _find_action(message: JsonObject, asked: Asked) -> JsonObject:
    wanted = {name: asked.body[name] for name in ("action_id", "value") if name in asked.body}
    blocks = message.get("blocks")
    for block in blocks if isinstance(blocks, list) else []:
        elements = block.get("elements") if isinstance(block, dict) else None
        accessory = object_at(block, "accessory") if isinstance(block, dict) else {}
        for one in [*(elements if isinstance(elements, list) else []), accessory]:
            if isinstance(one, dict) and wanted and all(one.get(name) == value for name, value in wanted.items()):
                return one
    raise CustomerApiError(404, "the message has no such button")
