"""Plays a customer and a bot against a sandbox, over its HTTP alone."""

from dataclasses import dataclass

import httpx

from chaskiq_core.testing.sandbox import Json, JsonObject, object_at, read_object

TOKEN = "7700112233:AAGsandboxSANDBOXsandboxSANDBOXsand"
MAYA = 5512093347
LEO = 814502236


@dataclass(frozen=True, slots=True)
class CustomerClient:
    """Short names for what the tests do all the time; each raises for a refusal."""

    http: httpx.AsyncClient

    async def write(self, text: str, *, sender: int = MAYA, **more: Json) -> JsonObject:
        body: JsonObject = {"from": {"id": sender, "first_name": "Maya"}, "text": text, **more}
        return await self.post(f"/sandbox/bots/{TOKEN}/messages", body)

    async def conversation(self, chat_id: int = MAYA, **query: int | str) -> list[JsonObject]:
        shown = await self.get(f"/sandbox/bots/{TOKEN}/chats/{chat_id}/messages", **query)
        return _objects(shown["messages"])

    async def calls(self, **query: str) -> list[JsonObject]:
        return _objects((await self.get("/sandbox/calls", **query))["calls"])

    async def fault(self, **fault: Json) -> JsonObject:
        return await self.post("/sandbox/faults", fault)

    async def call(self, method: str, **parameters: Json) -> httpx.Response:
        """A Bot API call, refused or not."""
        return await self.http.post(f"/bot{TOKEN}/{method}", json=parameters)

    async def result(self, method: str, **parameters: Json) -> JsonObject:
        """What a Bot API call answers, which must be an object."""
        response = await self.call(method, **parameters)
        assert response.status_code == 200, response.text
        return object_at(read_object(response.content), "result")

    async def result_after_hi(self, method: str, **parameters: Json) -> JsonObject:
        """The same, once the customer has opened the chat."""
        await self.write("hi")
        return await self.result(method, **parameters)

    async def get(self, path: str, **query: int | str) -> JsonObject:
        return _answered(await self.http.get(path, params=query))

    async def post(self, path: str, body: JsonObject | None = None) -> JsonObject:
        return _answered(await self.http.post(path, json=body))


def _answered(response: httpx.Response) -> JsonObject:
    assert response.is_success, response.text
    return read_object(response.content)


def _objects(value: Json) -> list[JsonObject]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]
