"""Puts the sandbox together as an ASGI app: routes, errors, lifespan; nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Unpack

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.routing import Route

from chaskiq_core.testing.sandbox import ControlRoutes, CustomerApiError, customer_error, phone_routes
from chaskiq_slack.sandbox.api import WebApi
from chaskiq_slack.sandbox.events import Teller
from chaskiq_slack.sandbox.faults import Fault
from chaskiq_slack.sandbox.hosting import FileHost
from chaskiq_slack.sandbox.people.setting_up import SettingUp
from chaskiq_slack.sandbox.people.writing import Writing
from chaskiq_slack.sandbox.phone import PAGE
from chaskiq_slack.sandbox.sandbox import SandboxOptions, SlackSandbox


def create_app(path: Path | None = None, **options: Unpack[SandboxOptions]) -> Starlette:
    """An app with a sandbox of its own, in a file or in memory."""
    return app_of(SlackSandbox(path, **options))


def app_of(sandbox: SlackSandbox) -> Starlette:
    """The app of this sandbox; its lifespan runs the deliveries and closes the sandbox in the end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with sandbox.running():
            yield

    teller = Teller(sandbox)
    api, files = WebApi(sandbox, teller), FileHost(sandbox)
    return Starlette(
        routes=[
            *ControlRoutes(sandbox, Fault).routes,
            *SettingUp(sandbox, teller).routes,
            *Writing(sandbox, teller).routes,
            *phone_routes(PAGE),
            Route("/oauth/v2/authorize", api.authorize),
            Route("/upload/v1/{file_id}", files.upload, methods=["POST"]),
            Route("/files-pri/{place}/download/{file_id}", files.download),
            Route("/files-pri/{place}/{file_id}", files.download),
            Route("/api/{method}", api.answer, methods=["GET", "POST"]),
        ],
        exception_handlers={CustomerApiError: customer_error, ValidationError: customer_error},
        lifespan=lifespan,
    )
