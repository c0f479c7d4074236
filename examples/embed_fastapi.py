"""Telegram inside a FastAPI app of your own, in its process and database; a sandbox plays Telegram.

    python examples/embed_fastapi.py      then open http://127.0.0.1:8001/phone and write something

With a bot of your own: its token, no `api_base`, and an https address in `public_url`.
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
import uvicorn
from fastapi import FastAPI, Request, Response

from chaskiq_core import Chaskiq, connect, load_settings, plugin
from chaskiq_telegram.sandbox import running_sandbox

PORT = int(os.environ.get("PORT", "8000"))
BOT = {"access_token": "7000000002:a-token-for-the-sandbox-only-00000"}


class Hello:
    """Answers every message of a customer."""

    @plugin.hookimpl
    async def part_added(
        self, part: plugin.PartView, conversation: plugin.ConversationView, context: plugin.ObserverContext
    ) -> Sequence[plugin.Effect]:
        hello = plugin.AddPart(content=plugin.document_from_text("hello"))
        return [hello] if part.author.type == "app_user" else []


settings = load_settings(database_url="sqlite:///shop.db", secret_key="x" * 32, public_url=f"http://127.0.0.1:{PORT}")
chaskiq = Chaskiq(settings, plugins=[Hello()])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with running_sandbox(port=PORT + 1) as telegram, chaskiq, anyio.create_task_group() as tasks:
        tasks.start_soon(chaskiq.work)
        await connect(chaskiq, "telegram", {**BOT, "api_base": telegram})
        yield
        chaskiq.stop_work()


app = FastAPI(lifespan=lifespan)


@app.post("/api/v1/hooks/receiver/{token}")
async def hook(token: str, request: Request) -> Response:
    webhook = plugin.WebhookRequest(headers=dict(request.headers), body=await request.body())
    answer = await chaskiq.answer(token, webhook)
    return Response(answer.body, answer.status, media_type=answer.media_type)


if __name__ == "__main__":
    uvicorn.run(app, port=PORT)
