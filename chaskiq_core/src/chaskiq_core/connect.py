"""For embedders: an App with a channel, made at the first start and found again at the next."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import anyio

from chaskiq_core.desk import integrations as desk
from chaskiq_core.errands.jobs import is_pending, job_error
from chaskiq_core.errors import AccountError, InvalidError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.integrations.add import install_lane
from chaskiq_core.integrations.find import find_by_account
from chaskiq_core.integrations.settings import validate_settings
from chaskiq_core.staff.apps import find_or_create_app
from chaskiq_core.store.call import Actor
from chaskiq_core.store.store import Acting

INSTALL_SECONDS = 120
"""How long is waited for the provider, whoever talks to it."""
LOOK_SECONDS = 0.2
HOOK_TOKEN_BYTES = 32
EMBEDDER = Actor(kind="system", name="embedder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A channel that works."""

    app_key: str
    integration_id: str
    hook_url: str
    """Where the provider sends its webhooks: your app must answer there, by `chaskiq.answer`."""


async def connect(
    chaskiq: Chaskiq, provider: str, settings: Mapping[str, object], *, app: str = "Main", name: str = ""
) -> Connected:
    """The channel in the App of that name; when this returns, the provider has accepted our webhook.

    What is missing is made; an integration of the same account is brought to these settings. Raises InvalidError naming
    a wrong setting, NotFoundError for an unknown provider, AccountError with the provider's sentence if it refuses.
    """
    manifest = chaskiq.channel(provider).manifest
    account = validate_settings(manifest, settings).account()
    if account is None:
        raise InvalidError(f"{provider}: its account is known only after it is installed; use `chaskiq integrations`")
    app_key = await chaskiq.store.house_write(find_or_create_app, app)
    acting = chaskiq.store.acting(await chaskiq.store.app_id(app_key), EMBEDDER)
    known = await acting.read(find_by_account, manifest.provider, account)
    if known is not None:
        sealed, token = chaskiq.change_settings(known, settings)
        installing = await acting.write(desk.change, known.key, sealed, runs_itself=True)
    else:
        token = secrets.token_urlsafe(HOOK_TOKEN_BYTES)
        sealed = chaskiq.seal_settings(provider, settings, hook_token=token)
        installing = await acting.write(desk.add, sealed, name=name, runs_itself=True)
    await install_now(chaskiq, acting, installing)
    return Connected(app_key=app_key, integration_id=installing.view.id, hook_url=chaskiq.hook_url(token))


async def install_now(chaskiq: Chaskiq, acting: Acting, installing: desk.Installing) -> None:
    """Carry out an install Job, or wait for the worker that has it in hand; AccountError if the provider refuses."""
    if not installing.job_key:
        return
    view = installing.view
    try:
        with anyio.fail_after(INSTALL_SECONDS):
            while await acting.read(is_pending, installing.job_key):
                if not await chaskiq.run_job_lane(acting.app_id, install_lane(view.id)):
                    await anyio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise AccountError(f"{view.provider} did not answer within {INSTALL_SECONDS} s") from None
    if (error := await acting.read(job_error, installing.job_key)) is not None:
        raise AccountError(f"{view.provider} refused: {error}")
