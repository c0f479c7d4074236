"""Plays a customer and a business against a sandbox, over its HTTP alone; and a webhook that keeps what it is sent."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic

import anyio
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import Json, JsonObject, read_object
from chaskiq_whatsapp.sandbox import APP_SECRET

NUMBER = "640100200300"
WABA = "880200300400"
MAYA = "491711234567"
TOKEN = "EAAG-token"
HOOK = "http://receiver/hook"


@dataclass(slots=True)
class Receiver:
    """A webhook: what came, in order; it answers 200 unless told otherwise."""

    bodies: list[JsonObject] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """What it answers next; 200 once it is empty."""
    verify_token: str = "words"

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self.answer, methods=["GET", "POST"])])

    async def answer(self, request: Request) -> Response:
        if request.method == "GET":
            is_ours = request.query_params.get("hub.verify_token") == self.verify_token
            return PlainTextResponse(request.query_params["hub.challenge"], status_code=200 if is_ours else 403)
        raw = await request.body()
        signature = hmac.new(APP_SECRET.encode(), raw, sha256).hexdigest()
        assert request.headers["x-hub-signature-256"] == f"sha256={signature}"
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.bodies.append(read_object(raw))
        return Response(status_code=status)

    def values(self) -> list[JsonObject]:
        """The values of all changes that came."""
        return [
            change["value"]
            for body in json.loads(json.dumps(self.bodies))
            for entry in body["entry"]
            for change in entry["changes"]
        ]

    def words(self) -> list[str]:
        """Texts and statuses, as they came."""
        found: list[str] = []
        for value in json.loads(json.dumps(self.values())):
            found += [one.get("text", {}).get("body", one["type"]) for one in value.get("messages", [])]
            found += [one["status"] for one in value.get("statuses", [])]
        return found


@dataclass(frozen=True, slots=True)
class Playing:
    """Short names for what the tests do all the time; each raises for a refusal."""

    http: httpx.AsyncClient

    async def write(self, text: str, **more: Json) -> JsonObject:
        return await self.act("/messages", {"from": {"wa_id": MAYA, "name": "Maya"}, "text": text, **more})

    async def act(self, path: str, body: JsonObject | None = None) -> JsonObject:
        answer = await self.http.post(f"/sandbox/numbers/{NUMBER}{path}", json=body or {})
        assert answer.is_success, answer.text
        return read_object(answer.content)

    async def maya(self, act: str, **body: Json) -> JsonObject:
        return await self.act(f"/people/{MAYA}/{act}", body)

    async def chat(self) -> list[JsonObject]:
        answer = await self.http.get(f"/sandbox/numbers/{NUMBER}/people/{MAYA}/messages")
        found: list[JsonObject] = answer.json()["messages"]
        return found

    async def send(self, **message: Json) -> httpx.Response:
        """`POST /messages`, refused or not."""
        body: JsonObject = {"messaging_product": "whatsapp", "to": MAYA, **message}
        return await self.http.post(f"/v25.0/{NUMBER}/messages", json=body)

    async def sent(self, text: str = "hi", **more: Json) -> str:
        """A text that is accepted; its id."""
        answer = await self.send(type="text", text={"body": text}, **more)
        assert answer.is_success, answer.text
        return str(answer.json()["messages"][0]["id"])

    async def code(self, **message: Json) -> int:
        """The code with which a message is refused."""
        answer = await self.send(**message)
        assert not answer.is_success, answer.text
        return int(answer.json()["error"]["code"])


async def comes(seen: Callable[[], object], *, seconds: float = 5) -> None:
    """Wait until it is so."""
    ends_at = monotonic() + seconds
    while not seen():
        assert monotonic() < ends_at, "it did not come"
        await anyio.sleep(0.005)
