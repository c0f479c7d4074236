"""The house that the benches ask: one App, whose Telegram integration has known tokens."""

from bench.updates import BOT_TOKEN, SECRET_HEADER, SECRET_TOKEN, telegram_update
from chaskiq_core.desk import integrations
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model import RoleName
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.settings import Settings, load_settings
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app
from tests.harness.databases import Database

HOOK_TOKEN = "the-hook-of-the-bench-s-own-bot"
ADMIN = "ann@bench.example"


def settings_of(database_url: str, redis_url: str | None = None, *, plugins: str = "telegram") -> Settings:
    """The settings of a house on that database, whatever the environment says."""
    return load_settings(
        database_url=database_url,
        secret_key="a secret key of the benches, long enough",
        plugins=plugins,
        redis_url=redis_url,
        _env_file=None,
    )


async def furnish(database: Database, *, api_base: str | None = None) -> str:
    """Add the App and its integration, at Telegram or elsewhere, to an empty database; the path of its hook."""
    async with Chaskiq(settings_of(database.url)) as chaskiq:
        _, key = await chaskiq.store.house_write(create_app, "Bench")
        await chaskiq.store.house_write(add_agent, key, email=ADMIN, name="Ann", role=RoleName.ADMIN)
        given = {
            "access_token": BOT_TOKEN,
            "secret_token": SECRET_TOKEN,
            **({"api_base": api_base} if api_base else {}),
        }
        sealed = chaskiq.seal_settings("telegram", given, hook_token=HOOK_TOKEN)
        await chaskiq.acting(key, as_agent=ADMIN).write(integrations.add, sealed, name="Telegram", install=False)
        return chaskiq.hook_path(HOOK_TOKEN)


async def post(chaskiq: Chaskiq, number: int) -> None:
    """Take the update of that number in, as from Telegram."""
    request = WebhookRequest(headers={SECRET_HEADER: SECRET_TOKEN}, body=telegram_update(number))
    answer = await chaskiq.receive(HOOK_TOKEN, request)
    assert answer.status == 200, answer
