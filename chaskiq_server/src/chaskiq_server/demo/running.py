"""The demo from the first run to the last: its App and agent, made once; its server and its Telegram, each time."""

import json
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chaskiq_core.connect import connect
from chaskiq_core.errors import UnavailableError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.settings import Settings, load_settings
from chaskiq_server.app import create_app
from chaskiq_server.cli import agents, apps, tokens
from chaskiq_server.demo.observers import load_observers
from chaskiq_server.serving import LOOPBACK, bind, serving, url_of
from chaskiq_telegram.sandbox import running_sandbox

BOT_TOKEN = "7000000001:the-token-of-the-demo-s-own-bot-0"
EMAIL = "ann@demo.example"
APP = "Demo"
KEPT = "demo.json"
DATABASE = "chaskiq.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the demo must know again at its next run; it stands in a file that only its owner may read."""

    secret_key: str
    app_key: str
    agent_id: str
    token: str
    """The agent's, for REST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demo that runs."""

    kept: Kept
    url: str
    telegram_url: str
    """The sandbox's."""


@asynccontextmanager
async def running_demo(folder: Path, examples: Path, *, port: int) -> AsyncIterator[Demo]:
    """The demo on a port of this machine, 0 being any; its Telegram has the next port if that is free."""
    with bind(LOOPBACK, port) as listener:
        url = url_of(listener)
        kept = _read(folder) or await _make(folder, url)
        chaskiq = Chaskiq(_settings(folder, kept.secret_key, url), plugins=load_observers(examples, kept.agent_id))
        app = create_app(chaskiq, workers=True)
        async with (
            running_sandbox(path=folder / "telegram.db", port=_free_or_any(port + 1 if port else 0)) as telegram_url,
            serving(app, listener),
        ):
            # both may have another port than at the last run
            await connect(chaskiq, "telegram", {"access_token": BOT_TOKEN, "api_base": telegram_url}, app=APP)
            app.router.routes.insert(0, Route("/phone", _phone(telegram_url), include_in_schema=False))
            yield Demo(kept=kept, url=url, telegram_url=telegram_url)


def _settings(folder: Path, secret_key: str, url: str) -> Settings:
    """The demo's own settings: the environment's may belong to something real."""
    return load_settings(
        _env_file=None,
        database_url=f"sqlite:///{folder / DATABASE}",
        media_url=f"file://{(folder / 'media').absolute()}",
        secret_key=secret_key,
        public_url=url,
        plugins="telegram",
        redis_url=None,
        smtp_url=None,
    )


def _read(folder: Path) -> Kept | None:
    """What the last run kept; None: this is the first, or its database is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / KEPT
    return Kept(**json.loads(file.read_text())) if file.exists() and (folder / DATABASE).exists() else None


async def _make(folder: Path, url: str) -> Kept:
    """The App and its agent, made by the commands that an operator would use."""
    secret_key = secrets.token_urlsafe(32)
    async with Chaskiq(_settings(folder, secret_key, url), owner=False) as chaskiq:
        app = str((await apps.create(chaskiq, name=APP))["key"])
        agent = await agents.create(chaskiq, app, EMAIL, "Ann", agents.HumanRole.ADMIN)
        token = await tokens.create(chaskiq, app, EMAIL)
    kept = Kept(secret_key=secret_key, app_key=app, agent_id=str(agent["id"]), token=str(token["token"]))
    _write_private(folder / KEPT, json.dumps(asdict(kept)))
    return kept


def _phone(telegram_url: str) -> Callable[[Request], Response]:
    """The way to the sandbox's phone page, with our bot chosen."""

    def to_phone(request: Request) -> Response:
        return RedirectResponse(f"{telegram_url}/phone?{request.url.query or f'bot={quote(BOT_TOKEN)}'}")

    return to_phone


def _free_or_any(port: int) -> int:
    try:
        bind(LOOPBACK, port).close()
    except UnavailableError:
        return 0
    return port


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, for the owner's eyes."""
    draft = file.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
    draft.replace(file)
