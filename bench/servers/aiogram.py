"""`python -m bench.servers.aiogram`: its own webhook server with an empty handler; it stores nothing."""

import anyio
from aiogram import Bot, Dispatcher
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bench.house import BOT_TOKEN, SECRET_TOKEN
from bench.servers.tell import tell_port
from bench.webhooks import WEBHOOK_PATH
from chaskiq_server.serving import LOOPBACK, bind


async def serve() -> None:
    """Serve until killed."""
    dispatcher = Dispatcher()
    dispatcher.message.register(_do_nothing)
    app = web.Application()
    SimpleRequestHandler(dispatcher, Bot(BOT_TOKEN), secret_token=SECRET_TOKEN).register(app, path=WEBHOOK_PATH)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    with bind(LOOPBACK, 0) as listener:
        await web.SockSite(runner, listener).start()
        tell_port(listener)
        await anyio.sleep_forever()


async def _do_nothing(message: Message) -> None:
    """The empty handler."""


if __name__ == "__main__":
    anyio.run(serve, backend_options={"use_uvloop": True})
