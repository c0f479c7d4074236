"""python-telegram-bot: its own webhook server with an empty handler; it stores nothing."""

import json
import logging
import socket
from collections.abc import Callable

import anyio
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, TypeHandler
from telegram.request import BaseRequest, RequestData

from bench.updates import BOT_TOKEN, SECRET_TOKEN, WEBHOOK_PATH

ME = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


class NoNetwork(BaseRequest):
    """Answers as Telegram would to the two calls that a start makes."""

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing: there is no client."""

    async def shutdown(self) -> None:
        """Nothing: there is no client."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        return 200, json.dumps({"ok": True, "result": ME if url.endswith("getMe") else True}).encode()


def serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until killed."""
    logging.getLogger("telegram").setLevel(logging.ERROR)
    anyio.run(_serve, listener, on_ready, backend_options={"use_uvloop": True})


async def _serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    builder = ApplicationBuilder().token(BOT_TOKEN).request(NoNetwork()).get_updates_request(NoNetwork())
    application = builder.build()
    application.add_handler(TypeHandler(Update, _do_nothing))
    await application.initialize()
    assert application.updater is not None
    listener.setblocking(False)
    # Its parameter for a socket in the file system takes any socket.
    await application.updater.start_webhook(
        unix=listener,
        url_path=WEBHOOK_PATH,
        webhook_url=f"https://bench.example{WEBHOOK_PATH}",
        secret_token=SECRET_TOKEN,
    )
    await application.start()
    on_ready()
    await anyio.sleep_forever()


async def _do_nothing(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """The empty handler."""
