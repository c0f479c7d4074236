"""The sandbox on a port: until the process is stopped, or for the length of a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Unpack

import anyio

from chaskiq_core.testing.sandbox import LOOPBACK, running_app, serve_app
from chaskiq_whatsapp.sandbox.app import app_of
from chaskiq_whatsapp.sandbox.sandbox import SandboxOptions, WhatsAppSandbox


def run(host: str = LOOPBACK, port: int = 8082, path: Path | None = None, **options: Unpack[SandboxOptions]) -> None:
    """Serve a sandbox until the process is told to stop."""
    anyio.run(partial(serve, host, port, path, **options))


async def serve(
    host: str = LOOPBACK, port: int = 8082, path: Path | None = None, **options: Unpack[SandboxOptions]
) -> None:
    """Serve a sandbox until SIGINT or SIGTERM, in a running loop."""
    sandbox = WhatsAppSandbox(path, **options)
    await serve_app(app_of(sandbox), closing=sandbox.closing, host=host, port=port)


@asynccontextmanager
async def running_sandbox(
    sandbox: WhatsAppSandbox | None = None,
    *,
    path: Path | None = None,
    port: int = 0,
    **options: Unpack[SandboxOptions],
) -> AsyncIterator[str]:
    """The base URL of a sandbox, this one or a new one, on a loopback port for the length of the block; 0: any."""
    shown = sandbox or WhatsAppSandbox(path, **options)
    async with running_app(app_of(shown), closing=shown.closing, port=port) as url:
        yield url
