"""Installed channels."""

import secrets
from typing import Annotated, Literal, TypeAlias

from fastapi import Query
from pydantic import Field, model_validator
from starlette.responses import JSONResponse, Response

from chaskiq_core import Chaskiq
from chaskiq_core.desk import integrations as desk
from chaskiq_core.desk.integrations import ProviderCallView
from chaskiq_core.desk.pages import Page
from chaskiq_core.desk.permissions import Permission, check_permission
from chaskiq_core.errors import InvalidError
from chaskiq_core.integrations.find import find_stored
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.plugin import Template
from chaskiq_core.secrets import MASK
from chaskiq_core.store.unit import Unit
from chaskiq_server.access.public_hosts import check_host_leads_out, check_leads_out
from chaskiq_server.rest.answers import answer, answer_page
from chaskiq_server.rest.route import FIRST_PAGE, Acting, After, Hub, Input, Limit, resource
from chaskiq_server.rest.shapes import Integration, page_of, shape_of
from chaskiq_server.rest.templates import list_templates

router = resource("integrations")

URL_SETTINGS = ("api_base",)
"""Settings that say where the server sends requests."""
HOST_SETTINGS = ("smtp_host", "imap_host")
"""The same as bare hosts."""
Value: TypeAlias = Annotated[str, Field(max_length=4_096)] | int | float | bool | None
Settings: TypeAlias = Annotated[dict[Annotated[str, Field(max_length=64)], Value], Field(max_length=50)]


class NewIntegration(Input):
    """A channel to install."""

    provider: str = Field(min_length=1, max_length=64)
    name: str = Field("", max_length=200)
    settings: Settings = Field(default={}, description="see `chaskiq channels`")
    agent_id: str | None = Field(None, min_length=1, max_length=64, description="who speaks for the business there")


class Changes(Input):
    """Other settings, another state, or another policy."""

    settings: Settings | None = Field(None, description="those that change; null takes one away")
    state: Literal["active", "paused"] | None = None
    on_unknown: Literal["flag", "resend"] | None = Field(
        None, description="what happens to what may or may not have left, where the provider can't say"
    )

    @model_validator(mode="after")
    def _is_one_of_them(self) -> "Changes":
        if [self.settings, self.state, self.on_unknown].count(None) != 2:
            raise ValueError("give settings, state or on_unknown, one of them")
        return self


@router.get("", response_model=page_of(Integration))
async def list_integrations(acting: Acting) -> JSONResponse:
    """The App's integrations, oldest first."""
    return answer_page(Page(items=await acting.read(desk.integrations), next=None))


@router.post("", status_code=201, response_model=Integration)
async def add_integration(acting: Acting, hub: Hub, new: NewIntegration) -> JSONResponse:
    """A new integration. Its provider is told of the hook URL, which is shown this once; then it is active."""
    await acting.read(_check_may_manage)
    await _check_hosts(hub, new.settings)
    given = {name: value for name, value in new.settings.items() if value is not None}
    hook_token = secrets.token_urlsafe(32)
    sealed = hub.seal_settings(new.provider, given, hook_token=hook_token)
    added = await acting.write(desk.add, sealed, name=new.name, agent=new.agent_id, hook_url=hub.hook_url(hook_token))
    return answer(added.view, 201)


@router.get("/{key}", response_model=Integration)
async def show_integration(acting: Acting, key: str) -> JSONResponse:
    """One integration."""
    return answer(await acting.read(desk.integration, key))


@router.get("/{key}/calls", response_model=page_of(shape_of(ProviderCallView)))
async def list_calls(
    acting: Acting,
    key: str,
    failed: Annotated[bool, Query(description="only those that were not ok")] = False,
    after: After = None,
    limit: Limit = FIRST_PAGE,
) -> JSONResponse:
    """The calls to the provider, newest first, without secrets: a second or two after they were made."""
    return answer_page(await acting.read(desk.calls, key, failed=failed, after=after, limit=limit))


@router.get("/{key}/templates", response_model=page_of(shape_of(Template)))
async def show_templates(
    acting: Acting,
    hub: Hub,
    key: str,
    refresh: Annotated[bool, Query(description="ask the provider anew")] = False,
) -> JSONResponse:
    """The provider's templates: what may be sent at any time; one with a `problem` can't be sent now."""
    return answer_page(Page(items=list(await list_templates(acting, hub, key, anew=refresh)), next=None))


@router.patch("/{key}", response_model=Integration)
async def change_integration(acting: Acting, hub: Hub, key: str, changes: Changes) -> JSONResponse:
    """Other settings (the provider is told again), or paused, or active again, or another policy."""
    if changes.on_unknown is not None:
        return answer(await acting.write(desk.decide_unknown, key, on_unknown=changes.on_unknown))
    match changes.state:
        case "active":
            return answer(await acting.write(desk.resume_integration, key))
        case "paused":
            return answer(await acting.write(desk.pause_integration, key))
    stored = await acting.read(_find_stored, key)
    settings = changes.settings or {}
    await _check_hosts(hub, settings)
    sealed, _ = hub.change_settings(stored, settings)
    return answer((await acting.write(desk.change, key, sealed)).view)


@router.delete("/{key}", status_code=204)
async def remove_integration(acting: Acting, key: str) -> Response:
    """The integration is gone; conversations keep what they have."""
    await acting.write(desk.remove, key)
    return Response(status_code=204)


async def _check_hosts(hub: Chaskiq, settings: Settings) -> None:
    for name, value in settings.items():
        if value == MASK:
            raise InvalidError(f"settings.{name}: is the mask of a secret; leave it out to keep the secret")
        if name in URL_SETTINGS and value is not None and not hub.settings.allow_private_hosts:
            await check_leads_out(f"settings.{name}", str(value))
        if name in HOST_SETTINGS and value is not None and not hub.settings.allow_private_hosts:
            await check_host_leads_out(f"settings.{name}", str(value))


def _check_may_manage(unit: Unit) -> None:
    """Refused before the settings are looked at: what is wrong with them is nobody else's business."""
    check_permission(unit, Permission.MANAGE_CHANNELS)


def _find_stored(unit: Unit, key: str) -> StoredIntegration:
    check_permission(unit, Permission.MANAGE_CHANNELS)
    return find_stored(unit, key)
