"""Plays WhatsApp for the conformance kit: people on one side of the sandbox, the plugin on the other."""

import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from mimetypes import guess_type

import httpx

from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.testing.conformance import ExcusedError, Person, SandboxDriver, Shown, ShownFile, Wrong
from chaskiq_core.testing.sandbox import FaultKind, Json, JsonObject, object_at, read_object, write_json
from chaskiq_whatsapp.fields import text_at
from chaskiq_whatsapp.markup import INVISIBLE
from chaskiq_whatsapp.sandbox.customers.acts import options_of
from chaskiq_whatsapp.sandbox.faults import REFUSE, Fault
from chaskiq_whatsapp.sandbox.graph.numbers import answers_challenge
from chaskiq_whatsapp.sandbox.memory.messages import Message
from chaskiq_whatsapp.sandbox.memory.numbers import APP_SECRET
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox
from chaskiq_whatsapp.sandbox.server import running_sandbox
from chaskiq_whatsapp.sandbox.statuses import tell_status

VERIFY_TOKEN = "words-of-the-kit"
NUMBER, WABA = "640100200300", "880200300400"
SEND = "messages"
SIGNATURE = "x-hub-signature-256"
FILES = {"image": "image", "video": "video", "audio": "audio", "document": "file"}
FAULTS = {
    Wrong.RATE_LIMITED: Fault(kind=FaultKind.TOO_MANY_REQUESTS, method=SEND, retry_after=1),
    Wrong.SERVER_ERROR: Fault(kind=REFUSE, code=131016, method=SEND),
    Wrong.RECIPIENT_GONE: Fault(kind=REFUSE, code=131026, method=SEND),
    Wrong.CONTENT_REFUSED: Fault(kind=REFUSE, code=131009, method=SEND),
    Wrong.WINDOW_CLOSED: Fault(kind=REFUSE, code=131047, method=SEND),
    Wrong.RESET_BEFORE: Fault(kind=FaultKind.RESET_BEFORE, method=SEND),
    Wrong.RESET_AFTER: Fault(kind=FaultKind.RESET_AFTER, method=SEND),
    Wrong.GARBAGE_AFTER: Fault(kind=FaultKind.GARBAGE, method=SEND, accept=True),
    Wrong.SLOW: Fault(kind=FaultKind.SLOW, method=SEND, seconds=1),
}


class Driver(SandboxDriver):
    """A number, and people who write to it."""

    @asynccontextmanager
    async def running(self, hooks: httpx.AsyncBaseTransport) -> AsyncIterator[None]:
        self._sandbox = WhatsAppSandbox(
            first_retry_seconds=0.05,
            longest_retry_seconds=0.2,
            webhook_transport=hooks,
            verify_hooks=False,
        )
        async with (
            running_sandbox(self._sandbox) as url,
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http,
        ):
            self._url, self._http = url, http
            yield

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "phone_number_id": NUMBER,
            "waba_id": WABA,
            "access_token": "EAAG-of-the-kit",
            "app_secret": APP_SECRET,
            "verify_token": VERIFY_TOKEN,
            "api_base": self._url,
        }

    async def handshake(self) -> None:
        assert await answers_challenge(self._sandbox, self.hook_url, VERIFY_TOKEN), "the challenge was not given back"
        assert not await answers_challenge(self._sandbox, self.hook_url, "a stranger's"), "anybody is answered"

    def signed(self, request: WebhookRequest, body: bytes) -> WebhookRequest:
        signature = hmac.new(APP_SECRET.encode(), body, sha256).hexdigest()
        return replace(request, body=body, headers={**request.headers, SIGNATURE: f"sha256={signature}"})

    async def write(self, person: Person, text: str, *, reply_to: str | None = None) -> None:
        body: JsonObject = {"from": _sender(person), "text": text, "answers": reply_to or ""}
        self._latest = await self._act("/messages", body)

    async def shown(self, person: Person) -> Sequence[Shown]:
        return [_shown(self._sandbox, one) for one in self._sent(person)]

    async def go_wrong(self, wrong: Wrong, *, times: int = 1) -> None:
        if wrong is Wrong.UNAUTHORIZED:
            self._sandbox.numbers.revoke(None)
            return
        self._sandbox.faults.add(FAULTS[wrong].model_copy(update={"times": times}))

    async def write_unknown(self, person: Person) -> None:
        body: JsonObject = {"from": _sender(person), "type": "hologram", "hologram": {"id": "h1", "depth": 3}}
        self._latest = await self._act("/messages", body)

    async def send_file(self, person: Person, filename: str, content: bytes) -> None:
        mime = guess_type(filename)[0] or "application/octet-stream"
        kind = mime.partition("/")[0] if mime.startswith(("image/", "video/", "audio/")) else "document"
        stored = await self._http.post(
            f"/sandbox/numbers/{NUMBER}/files",
            content=content,
            headers={"content-type": mime},
            params={"filename": filename},
        )
        body: JsonObject = {"from": _sender(person), "type": kind, kind: read_object(stored.content)}
        self._latest = await self._act("/messages", body)

    async def press(self, person: Person, message_id: str, label: str) -> None:
        await self._act(f"/people/{_number(person)}/press", {"message_id": message_id, "option": label})

    async def edit(self, person: Person, text: str) -> None:
        edit: JsonObject = {
            "original_message_id": self._latest["id"],
            "message": {"type": "text", "text": {"body": text}},
        }
        await self._act("/messages", {"from": _sender(person), "type": "edit", "edit": edit})

    async def react(self, person: Person, message_id: str, emoji: str) -> None:
        await self._act(f"/people/{_number(person)}/react", {"message_id": message_id, "emoji": emoji})

    async def redeliver_under_another_id(self) -> None:
        """Meta's webhooks have no id of their own: the same message comes beside a status that nobody knows."""
        contacts: list[Json] = [{"wa_id": self._latest["from"], "user_id": self._latest["from_user_id"]}]
        statuses: list[Json] = [{"id": "wamid.unknown", "status": "sent", "timestamp": "1790000000"}]
        value: JsonObject = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550000001", "phone_number_id": NUMBER},
            "contacts": contacts,
            "statuses": statuses,
            "messages": [self._latest],
        }
        changes: list[Json] = [{"field": "messages", "value": value}]
        body: JsonObject = {"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": changes}]}
        await self._raw(body)

    async def echo(self, person: Person) -> None:
        """The latest message as the business app tells of its own."""
        message = self._sent(person)[-1]
        told: JsonObject = {
            "from": "15550000001",
            "to": _number(person),
            "id": message.wamid,
            "timestamp": str(int(message.at)),
            "type": "text",
            "text": {"body": _text(message.message)},
        }
        if key := message.message.get("biz_opaque_callback_data"):
            told["biz_opaque_callback_data"] = key
        value: JsonObject = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550000001", "phone_number_id": NUMBER},
            "contacts": [{"wa_id": _number(person)}],
            "message_echoes": [told],
        }
        changes: list[Json] = [{"field": "smb_message_echoes", "value": value}]
        await self._raw({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": changes}]})

    async def tell_status(self, person: Person, status: str) -> None:
        found = self._sandbox.people.get(NUMBER, _number(person))
        number = self._sandbox.numbers.of_token(NUMBER)
        tell_status(self._sandbox, number, found, self._sent(person)[-1], status)

    async def saw_typing(self, person: Person) -> bool:
        return self._sandbox.typing.get((NUMBER, _number(person)), 0.0) > self._sandbox.now()

    async def saw_acknowledged(self) -> bool:
        raise ExcusedError("WhatsApp waits for no answer to a press")

    def _sent(self, person: Person) -> list[Message]:
        chat = self._sandbox.messages.of_chat(NUMBER, _number(person))
        return [one for one in chat if one.is_outgoing and one.message["type"] != "reaction"]

    async def _act(self, path: str, body: JsonObject) -> JsonObject:
        answer = await self._http.post(f"/sandbox/numbers/{NUMBER}{path}", json=body)
        answer.raise_for_status()
        return read_object(answer.content)

    async def _raw(self, body: JsonObject) -> None:
        answer = await self._http.post(f"/sandbox/numbers/{NUMBER}/webhook", content=write_json(body))
        answer.raise_for_status()


def _number(person: Person) -> str:
    return f"49171{person.number:07}"


def _sender(person: Person) -> JsonObject:
    return {"wa_id": _number(person), "name": person.name}


def _text(message: JsonObject) -> str:
    """What the person reads; WhatsApp's own signs stay as they are."""
    kind = text_at(message, "type")
    told = object_at(message, kind)
    body = object_at(told, "body") if kind == "interactive" else {}
    texts = (text_at(body, "text"), text_at(told, "body"), text_at(told, "caption"))
    return next((text for text in texts if text), "").replace(INVISIBLE, "")


def _shown(sandbox: WhatsAppSandbox, message: Message) -> Shown:
    told = message.message
    kind = text_at(told, "type")
    files: tuple[ShownFile, ...] = ()
    if kind in FILES:
        file = object_at(told, kind)
        stored = sandbox.media.find(text_at(file, "id"))
        shown_as = "voice" if file.get("voice") is True else FILES[kind]
        files = (ShownFile(type=shown_as, size=len(stored.bytes) if stored else 0),)
    return Shown(
        id=message.wamid,
        text=_text(told),
        files=files,
        options=tuple(str(one["title"]) for one in options_of(message)),
        reply_to=text_at(object_at(told, "context"), "id") or None,
    )
