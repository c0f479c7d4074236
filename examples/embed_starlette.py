"""The hook in a plain Starlette app, beside routes of its own: all that a provider needs is one route.

    uvicorn --factory examples.embed_starlette:app

Channels are added with the `chaskiq` command, which may run beside it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.plugin import WebhookRequest


def make_app(chaskiq: Chaskiq) -> Starlette:
    """An app with a front page, and webhooks."""

    async def hook(request: Request) -> Response:
        webhook = WebhookRequest(
            method=request.method,
            headers=dict(request.headers),
            query=request.url.query,
            body=await request.body(),
        )
        answer = await chaskiq.answer(request.path_params["token"], webhook)
        return Response(answer.body, answer.status, media_type=answer.media_type)

    async def front(request: Request) -> Response:
        return PlainTextResponse("The shop is open.")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with chaskiq, anyio.create_task_group() as tasks:
            tasks.start_soon(chaskiq.work)
            yield
            chaskiq.stop_work()

    hooks = Route("/api/v1/hooks/receiver/{token}", hook, methods=["GET", "POST"])
    return Starlette(routes=[Route("/", front), hooks], lifespan=lifespan)


def app() -> Starlette:
    """With settings from the environment: CHASKIQ_SECRET_KEY, CHASKIQ_DATABASE_URL, CHASKIQ_PUBLIC_URL."""
    return make_app(Chaskiq(load_settings()))
