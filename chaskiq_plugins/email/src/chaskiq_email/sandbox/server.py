"""The sandbox on its ports: until the process is stopped, or for the length of a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

import anyio

from chaskiq_core.testing.sandbox import LOOPBACK, running_app, serve_app
from chaskiq_email.sandbox.app import app_of
from chaskiq_email.sandbox.sandbox import MailSandbox, SandboxOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a running sandbox is."""

    url: str
    """Of the webmail page and the JSON API."""
    smtp_port: int
    imap_port: int


def run(host: str = LOOPBACK, port: int = 8081, path: Path | None = None, **options: Unpack[SandboxOptions]) -> None:
    """Serve a sandbox until the process is told to stop: HTTP at the port, SMTP at the next, IMAP behind that."""
    anyio.run(partial(serve, host, port, path, **options))


async def serve(
    host: str = LOOPBACK, port: int = 8081, path: Path | None = None, **options: Unpack[SandboxOptions]
) -> None:
    """Serve a sandbox until SIGINT or SIGTERM, in a running loop."""
    sandbox = MailSandbox(path, **options)
    app = app_of(sandbox, smtp_port=port + 1, imap_port=port + 2)
    await serve_app(app, closing=sandbox.closing, host=host, port=port)


@asynccontextmanager
async def running_sandbox(
    sandbox: MailSandbox | None = None, **options: Unpack[SandboxOptions]
) -> AsyncIterator[Addresses]:
    """A sandbox, this one or a new one, on loopback ports that are free, for the length of the block."""
    shown = sandbox or MailSandbox(None, **options)
    async with running_app(app_of(shown), closing=shown.closing) as url:
        ports = {name: port for name, port in shown.ports.items() if isinstance(port, int)}
        yield Addresses(url=url, **ports)
