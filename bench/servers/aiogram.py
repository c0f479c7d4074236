"""aiogram: its own webhook server with an empty handler; it stores nothing."""

import socket
from collections.abc import Callable

import anyio
from aiogram import Bot, Dispatcher
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bench.updates import BOT_TOKEN, SECRET_TOKEN, WEBHOOK_PATH


def serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until killed."""
    anyio.run(_serve, listener, on_ready, backend_options={"use_uvloop": True})


async def _serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    dispatcher = Dispatcher()
    dispatcher.message.register(_do_nothing)
    app = web.Application()
    SimpleRequestHandler(dispatcher, Bot(BOT_TOKEN), secret_token=SECRET_TOKEN).register(app, path=WEBHOOK_PATH)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    on_ready()
    await anyio.sleep_forever()


async def _do_nothing(message: Message) -> None:
    """The empty handler."""
