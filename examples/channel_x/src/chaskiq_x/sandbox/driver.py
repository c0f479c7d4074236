"""Plays X for the conformance kit: people on one side of the sandbox, the plugin on the other."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.testing.conformance import MAYA, ExcusedError, Person, SandboxDriver, Shown, Wrong
from chaskiq_core.testing.sandbox import Fault, FaultKind, object_at, running_app
from chaskiq_x.sandbox.account import SETTINGS
from chaskiq_x.sandbox.app import app_of
from chaskiq_x.sandbox.state import XSandbox
from chaskiq_x.verify import HEADER, signature_of

SEND = "messages"
FAULTS = {
    Wrong.RATE_LIMITED: Fault(kind=FaultKind.TOO_MANY_REQUESTS, method=SEND),
    Wrong.SERVER_ERROR: Fault(kind=FaultKind.UNAVAILABLE, method=SEND),
    Wrong.RECIPIENT_GONE: Fault(kind=FaultKind.FORBIDDEN, method=SEND),
    Wrong.CONTENT_REFUSED: Fault(kind=FaultKind.BAD_REQUEST, method=SEND),
    Wrong.RESET_BEFORE: Fault(kind=FaultKind.RESET_BEFORE, method=SEND),
    Wrong.RESET_AFTER: Fault(kind=FaultKind.RESET_AFTER, method=SEND),
    Wrong.GARBAGE_AFTER: Fault(kind=FaultKind.GARBAGE, method=SEND, accept=True),
    Wrong.SLOW: Fault(kind=FaultKind.SLOW, method=SEND, seconds=1),
}


class Driver(SandboxDriver):
    """An account, and people who write to it."""

    @asynccontextmanager
    async def running(self, hooks: httpx.AsyncBaseTransport) -> AsyncIterator[None]:
        self._sandbox = XSandbox(first_retry_seconds=0.05, webhook_transport=hooks)
        async with running_app(app_of(self._sandbox), closing=self._sandbox.closing) as url:
            self._url = self._sandbox.base_url = url
            yield

    @property
    def settings(self) -> Mapping[str, str]:
        return {**SETTINGS.model_dump(), "api_base": self._url}

    async def registered(self, hook_url: str) -> None:
        assert await self._sandbox.register(hook_url), "the plugin's answer to X's question is wrong"

    async def handshake(self) -> None:
        await self.registered(self._sandbox.hook_url)

    async def write(self, person: Person, text: str, *, reply_to: str | None = None) -> None:
        if reply_to is not None:
            raise ExcusedError("nobody can answer one message at X")
        self._sandbox.write(str(person.number), person.name, text)
        _, self._latest = self._sandbox.events(str(person.number))[-1]

    async def shown(self, person: Person) -> Sequence[Shown]:
        return [
            Shown(id=str(event["id"]), text=str(object_at(event, "message_create", "message_data")["text"]))
            for direction, event in self._sandbox.events(str(person.number))
            if direction == "out"
        ]

    def signed(self, request: WebhookRequest, body: bytes) -> WebhookRequest:
        shown = signature_of(body, SETTINGS.consumer_secret)
        return replace(request, body=body, headers={**request.headers, HEADER: shown})

    async def go_wrong(self, wrong: Wrong, *, times: int = 1) -> None:
        if wrong is Wrong.UNAUTHORIZED:
            self._sandbox.is_revoked = True
        elif wrong is Wrong.WINDOW_CLOSED:
            raise ExcusedError("X has no window")
        else:
            self._sandbox.faults.add(FAULTS[wrong].model_copy(update={"times": times}))

    async def write_unknown(self, person: Person) -> None:
        await self.write(person, " ")

    async def send_file(self, person: Person, filename: str, content: bytes) -> None:
        self._sandbox.write(str(person.number), person.name, "", photo=content)

    async def redeliver_under_another_id(self) -> None:
        # X gives a delivery no id; the same message comes in other bytes
        self._sandbox.rename(str(MAYA.number), "Maya B.")
        self._sandbox.tell(self._latest)

    async def echo(self, person: Person) -> None:
        _, latest = self._sandbox.events(str(person.number))[-1]
        self._sandbox.tell(latest)

    async def edit(self, person: Person, text: str) -> None:
        raise ExcusedError("X tells of no edit")

    async def react(self, person: Person, message_id: str, emoji: str) -> None:
        raise ExcusedError("X tells of no reaction")

    async def tell_status(self, person: Person, status: str) -> None:
        if status != "read":
            raise ExcusedError(f"X does not tell that a message is {status}")
        self._sandbox.read(str(person.number), (await self.shown(person))[-1].id)
