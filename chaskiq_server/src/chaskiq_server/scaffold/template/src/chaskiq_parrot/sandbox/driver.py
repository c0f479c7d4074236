"""Plays Parrot for the conformance kit: people on one side of the sandbox, the plugin on the other."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.testing.conformance import ExcusedError, Person, SandboxDriver, Shown, Wrong
from chaskiq_core.testing.sandbox import Fault, FaultKind, running_app
from chaskiq_parrot.sandbox.app import app_of
from chaskiq_parrot.sandbox.state import SECRET, TOKEN, ParrotSandbox
from chaskiq_parrot.verify import HEADER, signature_of

SEND = "messages"
FAULTS = {
    Wrong.RATE_LIMITED: Fault(kind=FaultKind.TOO_MANY_REQUESTS, method=SEND),
    Wrong.SERVER_ERROR: Fault(kind=FaultKind.SERVER_ERROR, method=SEND),
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
        self._sandbox = ParrotSandbox(first_retry_seconds=0.05, webhook_transport=hooks)
        async with running_app(app_of(self._sandbox), closing=self._sandbox.closing) as url:
            self._url = url
            yield

    @property
    def settings(self) -> Mapping[str, str]:
        return {"access_token": TOKEN, "signing_secret": SECRET, "api_base": self._url}

    async def write(self, person: Person, text: str, *, reply_to: str | None = None) -> None:
        self._latest = self._sandbox.write(str(person.number), person.name, text, reply_to=reply_to)

    async def shown(self, person: Person) -> Sequence[Shown]:
        return [
            Shown(id=str(row["id"]), text=row["body"], reply_to=row["reply_to"])
            for row in self._sandbox.messages(str(person.number))
            if row["direction"] == "out"
        ]

    def signed(self, request: WebhookRequest, body: bytes) -> WebhookRequest:
        return replace(request, body=body, headers={**request.headers, HEADER: signature_of(body, SECRET)})

    async def go_wrong(self, wrong: Wrong, *, times: int = 1) -> None:
        if wrong is Wrong.UNAUTHORIZED:
            self._sandbox.is_revoked = True
        elif wrong is Wrong.WINDOW_CLOSED:
            raise ExcusedError("Parrot has no window")
        else:
            self._sandbox.faults.add(FAULTS[wrong].model_copy(update={"times": times}))

    async def write_unknown(self, person: Person) -> None:
        self._sandbox.write(str(person.number), person.name, "", kind="hologram")

    async def redeliver_under_another_id(self) -> None:
        self._sandbox.tell(self._latest)
