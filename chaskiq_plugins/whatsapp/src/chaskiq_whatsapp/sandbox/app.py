"""Puts the sandbox together as an ASGI app: routes, errors, lifespan; nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from chaskiq_core.testing.sandbox import CustomerApiError, customer_error, phone_routes
from chaskiq_whatsapp.sandbox.customers.api import CustomerApi
from chaskiq_whatsapp.sandbox.errors import GraphError
from chaskiq_whatsapp.sandbox.graph.api import GraphApi
from chaskiq_whatsapp.sandbox.phone import PAGE
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox


def app_of(sandbox: WhatsAppSandbox) -> Starlette:
    """The app of this sandbox; its lifespan runs the deliveries and closes the sandbox in the end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with sandbox.running():
            yield

    return Starlette(
        routes=[*CustomerApi(sandbox).routes, *phone_routes(PAGE), *GraphApi(sandbox).routes],
        exception_handlers={GraphError: _refused, CustomerApiError: customer_error, ValidationError: customer_error},
        lifespan=lifespan,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GraphError), "registered for this class"
    return error.response()
