"""The Telegram plugin alone, as a library: no database, no server, no Chaskiq around it; a sandbox plays Telegram.

    python examples/parse_only.py

`verify`, `route` and `parse` turn a webhook's bytes into events; `send` sends one message and gives its ids.
"""

import json
import logging

import anyio
import httpx

from chaskiq_core.plugin import (
    Accepted,
    ChannelContext,
    MessageReceived,
    Piece,
    WebhookRequest,
    document_from_html,
    text_of,
)
from chaskiq_telegram import TelegramSettings, channel
from chaskiq_telegram.sandbox import running_sandbox

TOKEN = "7000000003:a-token-for-the-sandbox-only-00000"
MAYA = {"id": 1001, "is_bot": False, "first_name": "Maya"}
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 7,
        "date": 1_790_000_000,
        "chat": {"id": 1001, "type": "private"},
        "from": MAYA,
        "text": "Is it *open*?",
    },
}


def read(request: WebhookRequest, settings: TelegramSettings) -> list[MessageReceived]:
    """The messages in a webhook that is authentic."""
    if not isinstance(channel.verify(request, settings), Accepted):
        return []
    events = [event for item in channel.route(request, settings) for event in channel.parse(request, item, settings)]
    return [event for event in events if isinstance(event, MessageReceived)]


async def main() -> None:
    async with running_sandbox() as telegram, httpx.AsyncClient() as http:
        settings = TelegramSettings(access_token=TOKEN, api_base=telegram, secret_token="s3cret")
        headers = {"x-telegram-bot-api-secret-token": "s3cret"}
        [message] = read(WebhookRequest(headers=headers, body=json.dumps(UPDATE).encode()), settings)
        assert message.sender is not None
        assert message.chat is not None
        print(f"{message.sender.name} writes: {message.text}")

        # people write to a bot first: here the sandbox is told that Maya has
        await http.post(f"{telegram}/sandbox/bots/{TOKEN}/messages", json={"from": {"id": 1001}, "text": "hi"})
        content = document_from_html("<p>We are <b>open</b>.</p>")
        piece = Piece(
            channel_id=message.chat.channel_id, thread_id="", text=text_of(content), content=content, attempt_id="1"
        )
        context = ChannelContext(settings=settings, http=http, timeout_seconds=10, log=logging.getLogger("example"))
        receipt = await channel.send(piece, context)
        print(f"Telegram took it as message {receipt.external_ids[0]}")


if __name__ == "__main__":
    anyio.run(main)
