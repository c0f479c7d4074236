"""Puts the sandbox together as an ASGI app; its lifespan opens the ports of SMTP and IMAP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError
from starlette.applications import Starlette

from chaskiq_core.testing.sandbox import CustomerApiError, customer_error, phone_routes
from chaskiq_email.sandbox.customers import CustomerApi
from chaskiq_email.sandbox.imap import Imap
from chaskiq_email.sandbox.sandbox import MailSandbox
from chaskiq_email.sandbox.smtp import Smtp
from chaskiq_email.sandbox.wire import listening

PAGE = Path(__file__).parent / "phone"


def app_of(sandbox: MailSandbox, *, smtp_port: int = 0, imap_port: int = 0) -> Starlette:
    """The app of this sandbox; 0: any port that is free."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            sandbox.running(),
            listening(sandbox, Smtp(sandbox).talk, port=smtp_port) as smtp,
            listening(sandbox, Imap(sandbox).talk, port=imap_port) as imap,
        ):
            sandbox.ports = {"smtp_port": smtp, "imap_port": imap}
            yield

    return Starlette(
        routes=[*CustomerApi(sandbox).routes, *phone_routes(PAGE)],
        exception_handlers={CustomerApiError: customer_error, ValidationError: customer_error},
        lifespan=lifespan,
    )
