"""Plays Slack for the conformance kit: people on one side of the sandbox, the plugin on the other."""

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx

from chaskiq_core.plugin import WebhookRequest, text_of
from chaskiq_core.testing.conformance import ExcusedError, Person, SandboxDriver, Shown, ShownFile, Wrong
from chaskiq_core.testing.conformance.desk import HOOK_TOKEN
from chaskiq_core.testing.sandbox import FaultKind, JsonObject, read_object
from chaskiq_slack.escape import escape
from chaskiq_slack.fields import objects_at, text_at
from chaskiq_slack.reading.attachments import attachments_of
from chaskiq_slack.reading.control import unescape
from chaskiq_slack.reading.mrkdwn import document_of
from chaskiq_slack.sandbox.delivery import signed_headers
from chaskiq_slack.sandbox.faults import ERROR, Fault
from chaskiq_slack.sandbox.memory.apps import TEAM
from chaskiq_slack.sandbox.sandbox import SlackSandbox
from chaskiq_slack.sandbox.server import running_sandbox

TOKEN, SECRET = "xoxb-7-conformance", "the-secret-of-the-conformance-kit"
SEND = "chat.postMessage"
HOOK = f"https://chaskiq.invalid/api/v1/hooks/receiver/{HOOK_TOKEN}"
"""Slack lets no app name its URL: it is set here, as an operator does."""
FAULTS = {
    Wrong.RATE_LIMITED: Fault(kind=FaultKind.TOO_MANY_REQUESTS, method=SEND, retry_after=1),
    Wrong.SERVER_ERROR: Fault(kind=ERROR, error="request_timeout", method=SEND),
    Wrong.RECIPIENT_GONE: Fault(kind=ERROR, error="is_archived", method=SEND),
    Wrong.CONTENT_REFUSED: Fault(kind=ERROR, error="msg_too_long", method=SEND),
    Wrong.RESET_BEFORE: Fault(kind=FaultKind.RESET_BEFORE, method=SEND),
    Wrong.RESET_AFTER: Fault(kind=FaultKind.RESET_AFTER, method=SEND),
    Wrong.GARBAGE_AFTER: Fault(kind=FaultKind.GARBAGE, method=SEND, accept=True),
    Wrong.SLOW: Fault(kind=FaultKind.SLOW, method=SEND, seconds=1),
}


class Driver(SandboxDriver):
    """An app, and people who write to it directly."""

    @asynccontextmanager
    async def running(self, hooks: httpx.AsyncBaseTransport) -> AsyncIterator[None]:
        self._sandbox = SlackSandbox(retry_delays=(0.05, 0.1, 0.2), webhook_transport=hooks)
        async with (
            running_sandbox(self._sandbox) as url,
            httpx.AsyncClient(base_url=f"{url}/sandbox", trust_env=False, timeout=30) as http,
        ):
            self._url, self._http = url, http
            app: JsonObject = {"token": TOKEN, "signing_secret": SECRET, "request_url": HOOK, "verify": False}
            self._app = await self._act("/apps", app)
            yield

    @property
    def settings(self) -> Mapping[str, str]:
        return {"bot_token": TOKEN, "signing_secret": SECRET, "api_base": f"{self._url}/api"}

    def signed(self, request: WebhookRequest, body: bytes) -> WebhookRequest:
        headers = signed_headers(SECRET, body, int(time.time()))
        named = {name.lower(): value for name, value in headers.items()}
        return WebhookRequest(
            method=request.method, headers={**request.headers, **named}, query=request.query, body=body
        )

    async def write(self, person: Person, text: str, *, reply_to: str | None = None) -> None:
        if reply_to is not None:
            raise ExcusedError("an answer in Slack is a thread, which is a conversation of its own")
        # people type characters; Slack's own apps escape them
        self._latest = await self._act("/messages", {"user": await self._join(person), "text": escape(text)})

    async def shown(self, person: Person) -> Sequence[Shown]:
        answer = await self._http.get("/messages", params={"user": await self._join(person)})
        return [_shown(one) for one in objects_at(read_object(answer.content), "messages") if "bot_id" in one]

    async def go_wrong(self, wrong: Wrong, *, times: int = 1) -> None:
        if wrong is Wrong.WINDOW_CLOSED:
            raise ExcusedError("Slack has no window")
        if wrong is Wrong.UNAUTHORIZED:
            self._sandbox.apps.revoke(self._sandbox.app_of(TOKEN))
            return
        self._sandbox.faults.add(FAULTS[wrong].model_copy(update={"times": times}))

    async def write_unknown(self, person: Person) -> None:
        channel, ts = await self._direct(person), self._sandbox.messages.take_ts()
        event: JsonObject = {"type": "message", "subtype": "hologram", "depth": 3, "user": _id(person), "ts": ts}
        await self._tell({**event, "channel": channel, "channel_type": "im", "event_ts": ts})

    async def send_file(self, person: Person, filename: str, content: bytes) -> None:
        told = json.dumps({"user": await self._join(person), "text": ""})
        answer = await self._http.post("/messages", data={"message": told}, files={"file": (filename, content)})
        answer.raise_for_status()
        self._latest = read_object(answer.content)

    async def press(self, person: Person, message_id: str, label: str) -> None:
        channel = await self._direct(person)
        message = self._sandbox.messages.find(TEAM, channel, message_id) or {}
        buttons = [one for block in objects_at(message, "blocks") for one in objects_at(block, "elements")]
        action = next(one["action_id"] for one in buttons if text_at(_text(one), "text") == label)
        body: JsonObject = {"user": _id(person), "channel": channel, "ts": message_id}
        await self._act("/presses", {**body, "action_id": str(action)})

    async def edit(self, person: Person, text: str) -> None:
        body: JsonObject = {"user": _id(person), **self._latest, "text": escape(text)}
        (await self._http.patch("/messages", json=body)).raise_for_status()

    async def react(self, person: Person, message_id: str, emoji: str) -> None:
        body: JsonObject = {"user": _id(person), "channel": await self._direct(person), "ts": message_id}
        await self._act("/reactions", {**body, "name": emoji})

    async def redeliver_under_another_id(self) -> None:
        await self._tell_message(str(self._latest["channel"]), str(self._latest["ts"]))

    async def echo(self, person: Person) -> None:
        channel = await self._direct(person)
        latest = [one for one in self._sandbox.messages.all(TEAM, channel) if "bot_id" in one][-1]
        await self._tell_message(channel, str(latest["ts"]))

    async def tell_status(self, person: Person, status: str) -> None:
        raise ExcusedError("Slack tells an app neither that a message arrived nor that it was read")

    async def saw_typing(self, person: Person) -> bool:
        raise ExcusedError("Slack shows nobody that an app writes")

    async def saw_acknowledged(self) -> bool:
        raise ExcusedError("at Slack the answer to the webhook is the acknowledgement")

    async def _join(self, person: Person) -> str:
        await self._act("/users", {"id": _id(person), "name": person.name})
        return _id(person)

    async def _direct(self, person: Person) -> str:
        await self._join(person)
        return self._sandbox.rooms.direct(TEAM, _id(person), self._sandbox.app_of(TOKEN).user_id)

    async def _tell_message(self, channel: str, ts: str) -> None:
        message = self._sandbox.messages.find(TEAM, channel, ts) or {}
        await self._tell({**message, "channel": channel, "channel_type": "im", "event_ts": ts})

    async def _tell(self, event: JsonObject) -> None:
        await self._act("/events", {"token": TOKEN, "event": event})

    async def _act(self, path: str, body: JsonObject) -> JsonObject:
        answer = await self._http.post(path, json=body)
        answer.raise_for_status()
        return read_object(answer.content)


def _id(person: Person) -> str:
    return f"U0{person.number}"


def _shown(message: Mapping[str, object]) -> Shown:
    """The message as a person reads it: its blocks, or its text."""
    sections = [_said(block) for block in objects_at(message, "blocks")]
    said = "\n".join(one for one in sections if one) or _words(message)
    buttons = [one for block in objects_at(message, "blocks") for one in objects_at(block, "elements")]
    return Shown(
        id=text_at(message, "ts"),
        text=said,
        files=tuple(ShownFile(type=one.type, size=one.size or 0) for one in attachments_of(message)),
        options=tuple(text_at(_text(one), "text") for one in buttons),
        reply_to=None,
    )


def _said(block: Mapping[str, object]) -> str:
    """What a section says."""
    text = _text(block)
    said = text_at(text, "text")
    return said if text.get("type") == "plain_text" else _read(said)


def _words(message: Mapping[str, object]) -> str:
    text = text_at(message, "text")
    return unescape(text) if message.get("mrkdwn") is False else _read(text)


def _text(holder: Mapping[str, object]) -> Mapping[str, object]:
    found = holder.get("text")
    return found if isinstance(found, Mapping) else {}


def _read(mrkdwn: str) -> str:
    return text_of(document_of(mrkdwn))
