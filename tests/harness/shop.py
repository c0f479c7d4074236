"""What the docs' Python runs in: an open house at work, a sandbox as its Telegram, and one customer who asked."""

import ast
import inspect
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

import chaskiq_core.plugin
from chaskiq_core import Chaskiq, connect, desk, load_settings
from chaskiq_core.model import RoleName
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.staff.agents import add_agent
from chaskiq_plugins.telegram.tests.telegram_updates import SECRET, message, update
from chaskiq_telegram.sandbox import running_sandbox
from tests.harness.house import SECRET_KEY
from tests.harness.wait import until

BOT = "7000000002:a-token-for-the-sandbox-only-00000"


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[dict[str, object]]:
    """The names that a page's blocks find, beside those of `chaskiq_core.plugin`.

    `chaskiq` is open and at work, `connected` is its bot at the sandbox `telegram`, `ann@example.org` is an agent, and
    Maya has asked "Hello?".
    """
    settings = load_settings(
        _env_file=None,
        database_url=f"sqlite:///{folder / 'shop.db'}",
        media_url=f"file://{folder / 'media'}",
        secret_key=SECRET_KEY,
    )
    async with running_sandbox() as telegram, Chaskiq(settings) as chaskiq, anyio.create_task_group() as tasks:
        tasks.start_soon(chaskiq.work)
        given = {"access_token": BOT, "api_base": telegram, "secret_token": SECRET}
        connected = await connect(chaskiq, "telegram", given)
        await chaskiq.store.house_write(
            add_agent, connected.app_key, email="ann@example.org", name="Ann", role=RoleName.ADMIN, password_hash=None
        )
        body = json.dumps(update("message", message(text="Hello?"))).encode()
        headers = {"x-telegram-bot-api-secret-token": SECRET}
        await chaskiq.answer(connected.hook_url.rpartition("/")[2], WebhookRequest(headers=headers, body=body))

        async def arrived() -> bool:
            acting = chaskiq.acting(connected.app_key, as_system="tests")
            return bool((await acting.read(desk.inbox)).items)

        await until(arrived)
        names = {name: getattr(chaskiq_core.plugin, name) for name in chaskiq_core.plugin.__all__}
        yield {
            **names,
            "Mapping": Mapping,
            "Sequence": Sequence,
            "chaskiq": chaskiq,
            "connected": connected,
            "telegram": telegram,
        }
        chaskiq.stop_work()


async def run_block(text: str, where: str, names: dict[str, object]) -> None:
    """Run a block, which may await; what it defines is there for the next one."""
    code = compile(text, where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    outcome = eval(code, names)
    if inspect.isawaitable(outcome):
        await outcome
