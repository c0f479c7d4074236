"""Puts the sandbox together as an ASGI app: routes, errors, lifespan; nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Unpack

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import CustomerApiError, customer_error, phone_routes
from chaskiq_telegram.sandbox.customers.api import CustomerApi
from chaskiq_telegram.sandbox.errors import BotApiError, not_found
from chaskiq_telegram.sandbox.files.host import FileHost
from chaskiq_telegram.sandbox.methods.bot_api import BotApi
from chaskiq_telegram.sandbox.phone import PAGE
from chaskiq_telegram.sandbox.refusals import refusal
from chaskiq_telegram.sandbox.sandbox import SandboxOptions, TelegramSandbox


def create_app(path: Path | None = None, **options: Unpack[SandboxOptions]) -> Starlette:
    """An app with a sandbox of its own, in a file or in memory."""
    return app_of(TelegramSandbox(path, **options))


def app_of(sandbox: TelegramSandbox) -> Starlette:
    """The app of this sandbox; its lifespan runs the deliveries and closes the sandbox in the end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with sandbox.running():
            yield

    bot_api = Route("/bot{token}/{method}", BotApi(sandbox).answer, methods=["GET", "POST"])
    files = Route("/file/bot{token}/{file_path:path}", FileHost(sandbox).answer)
    return Starlette(
        routes=[*CustomerApi(sandbox).routes, *phone_routes(PAGE), files, bot_api],
        exception_handlers={
            404: _nowhere,
            BotApiError: _refused,
            CustomerApiError: customer_error,
            ValidationError: customer_error,
        },
        lifespan=lifespan,
    )


async def _nowhere(request: Request, error: Exception) -> Response:
    return refusal(not_found())


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, BotApiError), "registered for this class"
    return refusal(error)
