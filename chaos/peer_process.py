"""The webhook servers of python-telegram-bot and aiogram, as they come; what they have handled is a line in a file.

The handler takes the time of a quick database before it writes its line, so that 100 messages a second are half of what
python-telegram-bot can do: it handles one after another.
"""

import asyncio
import logging
import socket
from collections.abc import Sequence
from pathlib import Path

import anyio
from aiogram import Bot, Dispatcher
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, TypeHandler

from bench.servers.python_telegram_bot import NoNetwork
from chaos.plan import LOOPBACK
from chaskiq_server.serving import bind

BOT_TOKEN = "42:the-token-of-a-bot-of-the-fault-campaign"
SECRET = "the-secret-of-a-peer"
PATH = "/webhook"
HANDLER_SECONDS = 0.005


class Handled:
    """The file of what was handled, a line each."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)

    async def add(self, chat: int, text: str) -> None:
        """The handler's work."""
        await asyncio.sleep(HANDLER_SECONDS)
        self._file.write(f"{chat} {text}\n")


def serve_python_telegram_bot(arguments: Sequence[str]) -> int:
    """Serve at a port, handling into a file, until killed."""
    logging.getLogger("telegram").setLevel(logging.ERROR)
    port, path = arguments
    with bind(LOOPBACK, int(port)) as listener:
        anyio.run(_serve_telegram, listener, Handled(Path(path)), backend_options={"use_uvloop": True})
    return 0


def serve_aiogram(arguments: Sequence[str]) -> int:
    """Serve at a port, handling into a file, until killed."""
    port, path = arguments
    with bind(LOOPBACK, int(port)) as listener:
        anyio.run(_serve_aiogram, listener, Handled(Path(path)), backend_options={"use_uvloop": True})
    return 0


async def _serve_telegram(listener: socket.socket, handled: Handled) -> None:
    async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await handled.add(update.message.chat.id, update.message.text or "")

    builder = ApplicationBuilder().token(BOT_TOKEN).request(NoNetwork()).get_updates_request(NoNetwork())
    application = builder.build()
    application.add_handler(TypeHandler(Update, handle))
    await application.initialize()
    assert application.updater is not None
    listener.setblocking(False)
    # Its parameter for a socket in the file system takes any socket.
    await application.updater.start_webhook(
        unix=listener, url_path=PATH, webhook_url=f"https://peer.example{PATH}", secret_token=SECRET
    )
    await application.start()
    await anyio.sleep_forever()


async def _serve_aiogram(listener: socket.socket, handled: Handled) -> None:
    async def handle(message: Message) -> None:
        await handled.add(message.chat.id, message.text or "")

    dispatcher = Dispatcher()
    dispatcher.message.register(handle)
    app = web.Application()
    SimpleRequestHandler(dispatcher, Bot(BOT_TOKEN), secret_token=SECRET).register(app, path=PATH)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await anyio.sleep_forever()
