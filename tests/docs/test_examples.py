"""The examples run as they stand, each against the sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import django
import httpx
import pytest
from django.conf import settings as django_settings
from django.test import RequestFactory

from chaskiq_core import Chaskiq, connect, desk, load_settings
from chaskiq_core.errors import UnavailableError
from chaskiq_plugins.telegram.tests.telegram_updates import SECRET, message, update
from chaskiq_server.serving import LOOPBACK, bind
from chaskiq_telegram.sandbox import running_sandbox
from examples.embed_django import hook, running_engine
from examples.embed_starlette import make_app
from tests.harness.house import SECRET_KEY
from tests.harness.wait import until, wait_until

ROOT = Path(__file__).parents[2]
SECONDS = 60
BOT = "7000000002:a-token-for-the-sandbox-only-00000"
BODY = json.dumps(update("message", message(text="Hello?")))
HEADERS = {"x-telegram-bot-api-secret-token": SECRET}


@contextmanager
def running(name: str, folder: Path, port: int) -> Iterator[None]:
    """The example in a process of its own, for the length of the block."""
    environment = {**os.environ, "PORT": str(port), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "examples" / name)],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(SECONDS) in (0, -15)


def two_free_ports() -> int:
    """The first of two ports beside each other that nobody listens on."""
    while True:
        with bind(LOOPBACK, 0) as first:
            port: int = first.getsockname()[1]
            try:
                bind(LOOPBACK, port + 1).close()
            except UnavailableError:
                continue
            return port


def test_embed_fastapi_answers_hello(tmp_path: Path) -> None:
    port = two_free_ports()
    chat = f"http://{LOOPBACK}:{port + 1}/sandbox/bots/{BOT}"

    def answered() -> bool:
        try:
            shown = httpx.get(f"{chat}/chats/1001/messages", timeout=5).json().get("messages", [])
        except httpx.HTTPError:
            return False
        return any(one["direction"] == "bot" and one["text"] == "hello" for one in shown)

    def written() -> bool:
        try:
            maya = {"from": {"id": 1001, "first_name": "Maya"}, "text": "Is anybody there?"}
            return httpx.post(f"{chat}/messages", json=maya, timeout=5).status_code == 201
        except httpx.HTTPError:
            return False

    with running("embed_fastapi.py", tmp_path, port):
        wait_until(written, seconds=SECONDS)
        wait_until(answered, seconds=SECONDS)


def test_embed_fastapi_is_under_sixty_lines() -> None:
    assert len((ROOT / "examples" / "embed_fastapi.py").read_text().splitlines()) < 60


def test_parse_only_reads_and_sends(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "parse_only.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )

    first, second = ended.stdout.splitlines()
    assert first == "Maya writes: Is it *open*?"
    assert second.startswith("Telegram took it as message ")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def furnished(tmp_path: Path) -> tuple[Chaskiq, str, str]:
    """A house that is not open, its App's key and the path of its bot's webhook."""
    settings = load_settings(
        database_url=f"sqlite:///{tmp_path / 'shop.db'}",
        media_url=f"file://{tmp_path / 'media'}",
        secret_key=SECRET_KEY,
        _env_file=None,
    )

    async def furnish() -> tuple[str, str]:
        async with running_sandbox() as telegram, Chaskiq(settings) as chaskiq:
            given = {"access_token": BOT, "api_base": telegram, "secret_token": SECRET}
            first = await connect(chaskiq, "telegram", given)
            again = await connect(chaskiq, "telegram", given)
            assert first == again
            return first.app_key, first.hook_url.removeprefix(settings.public_url)

    app_key, path = anyio.run(furnish)
    return Chaskiq(settings), app_key, path


def texts_in(chaskiq: Chaskiq, app_key: str) -> list[str]:
    """What stands in the App's conversations."""

    async def read() -> list[str]:
        async with Chaskiq(chaskiq.settings) as later:
            acting = later.acting(app_key, as_system="tests")
            found = (await acting.read(desk.inbox)).items
            return [part.text for one in found for part in (await acting.read(desk.parts, one.key)).items]

    return anyio.run(read)


def test_embed_starlette_takes_webhooks(furnished: tuple[Chaskiq, str, str]) -> None:
    chaskiq, app_key, path = furnished

    front, unknown, forged, taken = anyio.run(post_to_starlette, chaskiq, app_key, path)

    assert (front.text, unknown.status_code, forged.status_code) == ("The shop is open.", 404, 401)
    assert taken.status_code == 200
    assert texts_in(chaskiq, app_key) == ["Hello?"]


async def post_to_starlette(chaskiq: Chaskiq, app_key: str, path: str) -> tuple[httpx.Response, ...]:
    """The front page, and the answers to three webhooks; returns when the last one is a part."""
    app = make_app(chaskiq)

    async def arrived() -> bool:
        return await count_parts(chaskiq, app_key) == 1

    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.example") as client,
    ):
        answers = (
            await client.get("/"),
            await client.post(f"{path}x", content=BODY, headers=HEADERS),
            await client.post(path, content=BODY),
            await client.post(path, content=BODY, headers=HEADERS),
        )
        await until(arrived)
    return answers


async def count_parts(chaskiq: Chaskiq, app_key: str) -> int:
    """How many parts there are by now."""
    acting = chaskiq.acting(app_key, as_system="tests")
    found = (await acting.read(desk.inbox)).items
    return sum([len((await acting.read(desk.parts, one.key)).items) for one in found])


def test_embed_django_takes_webhooks(furnished: tuple[Chaskiq, str, str]) -> None:
    chaskiq, app_key, path = furnished
    if not django_settings.configured:
        django_settings.configure(DEBUG=False, ALLOWED_HOSTS=["testserver"])
        django.setup()
    token = path.rpartition("/")[2]
    requests = RequestFactory()

    with running_engine(chaskiq) as engine:
        forged = hook(requests.post(path, BODY, content_type="application/json"), token)
        taken = hook(requests.post(path, BODY, content_type="application/json", headers=HEADERS), token)
        wait_until(lambda: engine.portal.call(count_parts, chaskiq, app_key) == 1)

    assert (forged.status_code, taken.status_code) == (401, 200)
    assert texts_in(chaskiq, app_key) == ["Hello?"]
