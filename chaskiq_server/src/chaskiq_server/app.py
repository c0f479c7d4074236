"""The reference server as one ASGI app: assembly only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chaskiq_core import Chaskiq
from chaskiq_server.access.bearer import Bearers
from chaskiq_server.access.visitors import Visitors
from chaskiq_server.access_log import AccessLog, urls_hidden
from chaskiq_server.cable.endpoint import Cable
from chaskiq_server.cable.rounds import Pace
from chaskiq_server.cors import MessengerCors
from chaskiq_server.health import router as health
from chaskiq_server.hooks import Receiver, global_route, hook_route
from chaskiq_server.metrics import metrics_route
from chaskiq_server.problems import explain_errors
from chaskiq_server.request_ids import RequestIds
from chaskiq_server.rest import (
    agents,
    app_users,
    conversations,
    deliveries,
    inbound,
    integrations,
    me,
    media,
    messenger,
)
from chaskiq_server.web.page import page_router

STOP_SECONDS = 3
"""How long workers may take to finish what they have in hand, after the requests have ended."""
DESCRIPTION = (
    "Conversations, contacts and channels of one App. Every request carries `Authorization: Bearer TOKEN`; a token is "
    "made with `chaskiq tokens create` and stands for one agent of one App. Errors are problem details (RFC 9457)."
)


def create_app(chaskiq: Chaskiq, *, workers: bool = True, pace: Pace | None = None) -> FastAPI:
    """The server of a hub that is not open yet: hooks, REST, cable, health. `workers`: deliver in this process, too.

    Its lifespan opens the hub and closes it. `pace` is how often the cable pings and looks at its tokens again.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with urls_hidden():
            async with chaskiq, cable.running(), anyio.create_task_group() as tasks:
                if workers:
                    tasks.start_soon(chaskiq.work)
                yield
                if workers:
                    chaskiq.stop_work()
                    tasks.cancel_scope.deadline = anyio.current_time() + STOP_SECONDS

    receiver = Receiver(chaskiq)
    bearers = Bearers(chaskiq.store)
    app = HooksFirst(
        title="Chaskiq",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
    )
    visitors = Visitors(chaskiq)
    cable = Cable(chaskiq, bearers, visitors, pace or Pace())
    app.hooks, app.logged_hooks = receiver, AccessLog(receiver)
    app.cable, app.logged_cable = cable, AccessLog(cable)
    app.state.chaskiq = chaskiq
    app.state.bearers = bearers
    app.state.visitors = visitors
    app.router.routes[:0] = [hook_route(receiver), global_route(chaskiq), cable.route, metrics_route(chaskiq, bearers)]
    for room in (me, conversations, app_users, agents, integrations, deliveries, inbound, media):
        app.include_router(room.router)
    app.include_router(messenger.opening)
    app.include_router(messenger.router)
    app.include_router(health)
    app.include_router(page_router())
    app.add_middleware(MessengerCors)
    app.add_middleware(AccessLog)
    app.add_middleware(RequestIds)
    explain_errors(app)
    return app


class HooksFirst(FastAPI):
    """FastAPI, but for hooks, where its machinery takes as long as all that the receiver does, and the cable's sockets,
    each of which would hold it for as long as it stands."""

    hooks: Receiver
    logged_hooks: AccessLog
    cable: Cable
    logged_cable: AccessLog

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.hooks.wants(scope):
            await self.logged_hooks(scope, receive, send)
        elif self.cable.wants(scope):
            await self.logged_cable(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
