"""Plays Telegram for the conformance kit: people on one side of the sandbox, the plugin on the other."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx

from chaskiq_core.testing.conformance import ExcusedError, Person, SandboxDriver, Shown, ShownFile, Wrong
from chaskiq_core.testing.sandbox import FaultKind, Json, JsonObject, object_at, read_object
from chaskiq_telegram.sandbox.faults import Fault
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox
from chaskiq_telegram.sandbox.server import running_sandbox

BOT = "7700112233:AAGsandboxSANDBOXsandboxSANDBOXsand"
SEND = "sendMessage"
TYPES = {"photo": "image", "video": "video", "animation": "video", "audio": "audio", "voice": "voice"}
BLOCKED = "Forbidden: bot was blocked by the user"
TOO_LONG = "Bad Request: message is too long"
FAULTS = {
    Wrong.RATE_LIMITED: Fault(kind=FaultKind.TOO_MANY_REQUESTS, method=SEND, retry_after=1),
    Wrong.SERVER_ERROR: Fault(kind=FaultKind.SERVER_ERROR, method=SEND),
    Wrong.RECIPIENT_GONE: Fault(kind=FaultKind.FORBIDDEN, method=SEND, description=BLOCKED),
    Wrong.CONTENT_REFUSED: Fault(kind=FaultKind.BAD_REQUEST, method=SEND, description=TOO_LONG),
    Wrong.RESET_BEFORE: Fault(kind=FaultKind.RESET_BEFORE, method=SEND),
    Wrong.RESET_AFTER: Fault(kind=FaultKind.RESET_AFTER, method=SEND),
    Wrong.GARBAGE_AFTER: Fault(kind=FaultKind.GARBAGE, method=SEND, accept=True),
    Wrong.SLOW: Fault(kind=FaultKind.SLOW, method=SEND, seconds=1),
}


class Driver(SandboxDriver):
    """A bot, and people who write to it."""

    @asynccontextmanager
    async def running(self, hooks: httpx.AsyncBaseTransport) -> AsyncIterator[None]:
        self._sandbox = TelegramSandbox(first_retry_seconds=0.05, longest_retry_seconds=0.2, webhook_transport=hooks)
        async with (
            running_sandbox(self._sandbox) as url,
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http,
        ):
            self._url, self._http = url, http
            yield

    @property
    def settings(self) -> Mapping[str, str]:
        return {"access_token": BOT, "api_base": self._url}

    async def write(self, person: Person, text: str, *, reply_to: str | None = None) -> None:
        answers: JsonObject = {} if reply_to is None else {"reply_to": int(reply_to)}
        self._latest = await self._act("/messages", {"from": _sender(person), "text": text, **answers})

    async def shown(self, person: Person) -> Sequence[Shown]:
        answer = await self._http.get(f"/sandbox/bots/{BOT}/chats/{person.number}/messages")
        messages = read_object(answer.content)["messages"]
        assert isinstance(messages, list)
        found = [one for one in messages if isinstance(one, dict)]
        return [_shown(one) for one in found if one["direction"] == "bot" and not one["deleted"]]

    async def go_wrong(self, wrong: Wrong, *, times: int = 1) -> None:
        if wrong is Wrong.WINDOW_CLOSED:
            raise ExcusedError("Telegram has no window")
        if wrong is Wrong.UNAUTHORIZED:
            self._sandbox.revoke(BOT)
            return
        self._sandbox.faults.add(FAULTS[wrong].model_copy(update={"times": times}))

    async def write_unknown(self, person: Person) -> None:
        await self.write(person, "to be replaced")
        message = {name: value for name, value in object_at(self._latest, "message").items() if name != "text"}
        unknown: JsonObject = {"hologram": {"file_id": "h1", "depth": 3}}
        await self._act("/updates", {"message": {**message, **unknown, "message_id": 900_001}})

    async def send_file(self, person: Person, filename: str, content: bytes) -> None:
        told = f'{{"from": {{"id": {person.number}, "first_name": "{person.name}"}}}}'
        files = [("file", (filename, content))]
        path = f"/sandbox/bots/{BOT}/messages"
        (await self._http.post(path, data={"message": told}, files=files)).raise_for_status()

    async def press(self, person: Person, message_id: str, label: str) -> None:
        path = f"/chats/{person.number}/messages/{message_id}/press"
        self._pressed = (await self._act(path, {"from": _sender(person), "text": label}))["callback_query_id"]

    async def edit(self, person: Person, text: str) -> None:
        path = f"/chats/{person.number}/messages/{self._latest['message_id']}/edit"
        await self._act(path, {"from": _sender(person), "text": text})

    async def react(self, person: Person, message_id: str, emoji: str) -> None:
        path = f"/chats/{person.number}/messages/{message_id}/react"
        await self._act(path, {"from": _sender(person), "emoji": [emoji]})

    async def redeliver_under_another_id(self) -> None:
        # a push without an update_id gets the next one
        await self._act("/updates", {"message": object_at(self._latest, "message")})

    async def echo(self, person: Person) -> None:
        raise ExcusedError("Telegram tells a bot of no message of its own")

    async def tell_status(self, person: Person, status: str) -> None:
        raise ExcusedError("Telegram tells a bot neither that a message arrived nor that it was read")

    async def saw_typing(self, person: Person) -> bool:
        return bool(self._sandbox.calls.entries(method="sendChatAction", is_accepted=True))

    async def saw_acknowledged(self) -> bool:
        answer = await self._http.get(f"/sandbox/bots/{BOT}/presses/{self._pressed}")
        return read_object(answer.content)["answer"] is not None

    async def _act(self, path: str, body: JsonObject) -> JsonObject:
        answer = await self._http.post(f"/sandbox/bots/{BOT}{path}", json=body)
        answer.raise_for_status()
        return read_object(answer.content)


def _sender(person: Person) -> JsonObject:
    return {"id": person.number, "first_name": person.name}


def _shown(message: JsonObject) -> Shown:
    file, keyboard = object_at(message, "file"), message["keyboard"]
    kind = str(message["kind"])
    rows: list[Json] = keyboard if isinstance(keyboard, list) else []
    buttons = [one for row in rows if isinstance(row, list) for one in row if isinstance(one, dict)]
    size = file.get("size")
    return Shown(
        id=str(message["message_id"]),
        text=str(message["text"] or ""),
        files=(ShownFile(type=TYPES.get(kind, "file"), size=size if isinstance(size, int) else 0),) if file else (),
        options=tuple(str(one["text"]) for one in buttons),
        reply_to=None if message["reply_to"] is None else str(message["reply_to"]),
    )
