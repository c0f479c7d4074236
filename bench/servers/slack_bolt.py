"""Slack's bolt: its own webhook server with an empty handler; it stores nothing."""

import logging
import socket
from collections.abc import Callable

import anyio
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bench.slack_events import BOT_TOKEN, SIGNING_SECRET, TEAM
from bench.updates import WEBHOOK_PATH


def serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until killed."""
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    anyio.run(_serve, listener, on_ready, backend_options={"use_uvloop": True})


async def _serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    bolt = AsyncApp(signing_secret=SIGNING_SECRET, authorize=_authorize)
    bolt.event("message")(_do_nothing)
    runner = web.AppRunner(bolt.web_app(path=WEBHOOK_PATH), access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    on_ready()
    await anyio.sleep_forever()


async def _authorize() -> AuthorizeResult:
    """The one workspace, without asking Slack whose token it is."""
    return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_user_id="U0BENCH01", bot_token=BOT_TOKEN)


async def _do_nothing() -> None:
    """The empty handler."""
