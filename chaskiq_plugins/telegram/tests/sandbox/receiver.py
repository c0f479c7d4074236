"""A tiny webhook that keeps what it gets and answers what it is told to."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import JsonObject, object_at, read_object

PATIENCE_SECONDS = 5


@dataclass(slots=True)
class Delivered:
    """One request of Telegram's."""

    update: JsonObject
    headers: dict[str, str]


@dataclass(slots=True)
class Receiver:
    """Answers the next requests with `answers`, then with 200."""

    answers: deque[Response] = field(default_factory=deque)
    delivered: list[Delivered] = field(default_factory=list)
    gates: dict[str, anyio.Event] = field(default_factory=dict)  # a text that is held back until its event
    refuses: Callable[[JsonObject], bool] = lambda update: False  # what gets a 500, as often as it comes
    _more: anyio.Event = field(default_factory=anyio.Event)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self._receive, methods=["POST"])])

    @property
    def texts(self) -> list[object]:
        return [object_at(each.update, "message").get("text") for each in self.delivered]

    async def wait_for(self, count: int) -> list[Delivered]:
        """The requests, once there are so many."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while len(self.delivered) < count:
                self._more = anyio.Event()
                await self._more.wait()
        return self.delivered

    async def _receive(self, request: Request) -> Response:
        update = read_object(await request.body())
        self.delivered.append(Delivered(update, dict(request.headers)))
        self._more.set()
        if gate := self.gates.get(str(object_at(update, "message").get("text"))):
            await gate.wait()
        if self.refuses(update):
            return Response(status_code=500)
        return self.answers.popleft() if self.answers else Response()
