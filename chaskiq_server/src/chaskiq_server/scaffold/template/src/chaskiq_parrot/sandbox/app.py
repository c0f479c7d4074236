"""The sandbox over HTTP: Parrot's API, what people do under `/sandbox`, and the page at `/phone`."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import anyio
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import (
    LOOPBACK,
    ControlRoutes,
    CustomerApiError,
    Fault,
    Json,
    JsonObject,
    LoggedCall,
    body_of,
    customer_error,
    json_response,
    look,
    phone_routes,
    serve_app,
    spoil,
)
from chaskiq_parrot.manifest import MAX_TEXT
from chaskiq_parrot.sandbox.state import ACCOUNT, TOKEN, ParrotSandbox

PAGE = Path(__file__).parent / "phone"
SENTENCES = {401: "unauthorized", 403: "blocked by the user", 429: "too many requests"}


def run(host: str = LOOPBACK, port: int = 8081, path: Path | None = None) -> None:
    """Serve a sandbox until the process is told to stop."""
    sandbox = ParrotSandbox(path)
    anyio.run(partial(serve_app, app_of(sandbox), closing=sandbox.closing, host=host, port=port))


def app_of(sandbox: ParrotSandbox) -> Starlette:
    """The app of this sandbox; its lifespan sends the webhooks and closes the memory in the end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            async with sandbox.delivery.running():
                yield
        finally:
            sandbox.closing.set()
            sandbox.database.close()

    api = _Api(sandbox)
    return Starlette(
        routes=[
            Route("/messages", api.messages, methods=["POST"]),
            Route("/webhook", api.webhook, methods=["POST"]),
            Route("/sandbox/chats/{chat}/messages", api.write, methods=["POST"]),
            Route("/sandbox/chats/{chat}/messages", api.chat),
            *ControlRoutes(sandbox, Fault).routes,
            *phone_routes(PAGE),
        ],
        exception_handlers={CustomerApiError: customer_error, ValidationError: customer_error},
        lifespan=lifespan,
    )


class _Api:
    """Answers the plugin's calls, and what people do."""

    def __init__(self, sandbox: ParrotSandbox) -> None:
        self._sandbox = sandbox

    async def messages(self, request: Request) -> Response:
        """Parrot's: send a message."""
        return await self._answer(request, "messages", self._send)

    async def webhook(self, request: Request) -> Response:
        """Parrot's: register a webhook."""
        return await self._answer(request, "webhook", self._register)

    async def write(self, request: Request) -> Response:
        """A person's: write."""
        body = await body_of(request)
        chat, text = request.path_params["chat"], str(body.get("text") or "")
        if not text.strip():
            raise CustomerApiError(422, "write something")
        return json_response(self._sandbox.write(chat, str(body.get("name") or chat), text), status=201)

    async def chat(self, request: Request) -> Response:
        """A person's: read; `?wait=` waits for more than `?known=` messages."""
        chat, known = request.path_params["chat"], int(request.query_params.get("known", "0"))

        def see() -> list[Json]:
            shown: list[Json] = [
                {"id": str(row["id"]), "direction": row["direction"], "text": row["body"], "reply_to": row["reply_to"]}
                for row in self._sandbox.messages(chat)
            ]
            return shown

        shown = await look(self._sandbox, request, see, lambda seen: len(seen) > known)
        return json_response({"messages": shown})

    async def _answer(self, request: Request, method: str, carry_out: "_Method") -> Response:
        body = await body_of(request)
        fault = self._sandbox.faults.take(method, body)
        if self._sandbox.is_revoked or request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self._logged(method, body, _refusal(401))
        done = partial(self._carry_out, method, body, carry_out)
        if fault is None:
            return done()
        if not fault.is_carried_out:
            self._logged(method, body, _refusal(fault.status or 500))
            return await spoil(fault, request, self._sandbox, _refuse)
        return await spoil(fault, request, self._sandbox, _refuse, done)

    def _carry_out(self, method: str, body: JsonObject, carry_out: "_Method") -> Response:
        with self._sandbox.database.transaction():
            return self._logged(method, body, carry_out(body))

    def _send(self, body: JsonObject) -> Response:
        chat, text, reply_to = body.get("chat"), body.get("text"), body.get("reply_to")
        if not isinstance(chat, str) or not self._sandbox.messages(chat):
            return _refusal(404, "no such chat")
        if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
            return _refusal(400, f"text: 1 to {MAX_TEXT} characters")
        return json_response({"id": self._sandbox.keep(chat, "out", text, str(reply_to) if reply_to else None)})

    def _register(self, body: JsonObject) -> Response:
        self._sandbox.register(str(body.get("url")))
        return json_response({"account": ACCOUNT, "name": "Acme"})

    def _logged(self, method: str, body: JsonObject, response: Response) -> Response:
        call = LoggedCall(
            at=time.time(),
            account=ACCOUNT,
            method=method,
            parameters=body,
            is_accepted=response.status_code < 400,
            outcome={"status": response.status_code},
        )
        self._sandbox.calls.add(call)
        self._sandbox.news.ring()
        return response


class _Method(Protocol):
    """A method of Parrot's: its parameters in, its answer out."""

    def __call__(self, body: JsonObject, /) -> Response: ...


def _refusal(status: int, sentence: str = "") -> Response:
    return json_response({"error": sentence or SENTENCES.get(status, "failed")}, status=status)


def _refuse(fault: Fault) -> Response:
    response = _refusal(fault.status or 500, fault.description or "")
    if fault.status == 429:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response
