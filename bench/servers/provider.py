"""A provider on this machine: takes messages as Telegram's Bot API does, notes when, and enforces what it publishes."""

import itertools
import socket
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast
from urllib.parse import parse_qs

import anyio
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chaskiq_server import serving

RECORD_PATH = "/record"
SECOND = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How many messages it takes in any second: of all chats together, and of each."""

    account: int
    chat: int


@dataclass(slots=True)
class Provider:
    """What was posted so far."""

    published: Published | None
    taken: list[tuple[float, str, str]] = field(default_factory=list)
    """When (the machine's monotonic clock, seconds), to which chat, which text."""
    refused: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _last: "dict[str, deque[float]]" = field(default_factory=lambda: defaultdict(deque))

    async def take(self, request: Request) -> Response:
        """A message as a form; 429 beyond what is published."""
        now = time.monotonic()
        form = parse_qs((await request.body()).decode())
        chat, text = form["chat_id"][0], form["text"][0]
        if self.published is not None:
            if (wait := self._wait(now, chat, self.published)) > 0:
                self.refused += 1
                return JSONResponse({"ok": False, "error_code": 429, "parameters": {"retry_after": wait}}, 429)
            for name in ("", chat):
                self._last[name].append(now)
        self.taken.append((now, chat, text))
        number = next(self._numbers)
        at = {"message_id": number, "date": 1441645532, "chat": {"id": int(chat), "type": "private"}}
        return JSONResponse({"ok": True, "result": {**at, "text": text}})

    async def tell(self, request: Request) -> Response:
        """The record."""
        skip = int(request.query_params.get("skip", "0"))
        return JSONResponse({"taken": self.taken[skip:], "refused": self.refused})

    def _wait(self, now: float, chat: str, published: Published) -> float:
        """How long until the second is over that holds as many as it may."""
        longest = 0.0
        for name, most in (("", published.account), (chat, published.chat)):
            last = self._last[name]
            while last and last[0] <= now - SECOND:
                last.popleft()
            if len(last) >= most:
                longest = max(longest, last[-most] + SECOND - now)
        return longest


def serve(listener: socket.socket, on_ready: Callable[[], None], published: Published | None) -> None:
    """Serve until killed."""
    provider = Provider(published)
    routes = [
        Route(RECORD_PATH, provider.tell),
        Route("/{method:path}", provider.take, methods=["POST"]),
    ]
    app = cast(FastAPI, Starlette(routes=routes))  # all that is asked of it is Starlette's
    anyio.run(
        partial(serving.serve, app, listener, on_ready=on_ready, on_stop=_do_nothing),
        backend_options={"use_uvloop": True},
    )


def _do_nothing() -> None:
    """All that it does ends with its requests."""
