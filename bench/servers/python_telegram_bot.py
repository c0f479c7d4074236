"""`python -m bench.servers.python_telegram_bot`: its own webhook server with an empty handler; it stores nothing."""

import json
import logging

import anyio
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, TypeHandler
from telegram.request import BaseRequest, RequestData

from bench.house import BOT_TOKEN, SECRET_TOKEN
from bench.servers.tell import tell_port
from bench.webhooks import WEBHOOK_PATH
from chaskiq_server.serving import LOOPBACK, bind

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


async def serve() -> None:
    """Serve until killed."""
    logging.getLogger("telegram").setLevel(logging.ERROR)
    builder = ApplicationBuilder().token(BOT_TOKEN).request(NoNetwork()).get_updates_request(NoNetwork())
    application = builder.build()
    application.add_handler(TypeHandler(Update, _do_nothing))
    assert application.updater is not None
    with bind(LOOPBACK, 0) as listener:
        listener.setblocking(False)
        await application.initialize()
        # Its parameter for a socket in the file system takes any socket.
        await application.updater.start_webhook(
            unix=listener,
            url_path=WEBHOOK_PATH,
            webhook_url=f"https://bench.example{WEBHOOK_PATH}",
            secret_token=SECRET_TOKEN,
        )
        await application.start()
        tell_port(listener)
        await anyio.sleep_forever()


async def _do_nothing(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """The empty handler."""


if __name__ == "__main__":
    anyio.run(serve, backend_options={"use_uvloop": True})
