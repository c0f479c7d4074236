"""A provider's template as a reply: looked up, and filled with what the caller gives."""

from typing import Annotated, TypeAlias

from pydantic import Field

from chaskiq_core import Chaskiq, desk
from chaskiq_core.desk.templates import whose_templates
from chaskiq_core.errors import InvalidError
from chaskiq_core.hub import AppActing
from chaskiq_core.plugin.templates import MAX_VALUE, FilledTemplate, Template, fill_template
from chaskiq_server.rest.route import Input

MAX_PLACES = 100
Value: TypeAlias = Annotated[str, Field(max_length=MAX_VALUE)]
Given: TypeAlias = (
    Annotated[list[Value], Field(max_length=MAX_PLACES)]
    | Annotated[dict[Annotated[str, Field(max_length=64)], Value], Field(max_length=MAX_PLACES)]
)
"""In order, or by name."""


class WantedTemplate(Input):
    """A template, filled: the only thing that a closed window lets through."""

    name: str = Field(min_length=1, max_length=512)
    language: str = Field(min_length=1, max_length=20, description="as the template is listed: de, en_US")
    parameters: Given = Field(default=[], description="what fills the places of its text")
    header_parameters: Given = Field(default=[], description="what fills those of its heading")
    header: str | None = Field(None, max_length=64, description="id of the uploaded file that stands above it")
    buttons: dict[Annotated[str, Field(pattern="^[0-9]{1,2}$")], Value] = Field(
        default={}, max_length=20, description="by a button's place: the end of its address, or its code"
    )
    integration_id: str | None = Field(
        None, max_length=64, description="whose template it is, where the conversation has several channels"
    )


def files_of(wanted: WantedTemplate | None) -> tuple[str, ...]:
    """The file that stands above it."""
    return (wanted.header,) if wanted is not None and wanted.header is not None else ()


async def list_templates(
    acting: AppActing, hub: Chaskiq, integration_key: str, *, anew: bool = False
) -> tuple[Template, ...]:
    """An integration's templates."""
    stored = await acting.read(whose_templates, integration_key)
    return await hub.templates.all(stored.app_id, stored.id, anew=anew)


async def fill_for(acting: AppActing, hub: Chaskiq, key: str, wanted: WantedTemplate) -> FilledTemplate:
    """The template for a conversation; InvalidError if no channel of it has templates, or a value is missing."""
    channels = (await acting.read(desk.show, key)).channels
    integration = next(
        (
            one.integration_id
            for one in channels
            if one.can_send.templates and wanted.integration_id in (None, one.integration_id)
        ),
        None,
    )
    if integration is None:
        raise InvalidError("template: no channel of this conversation has templates that can be sent now")
    return await fill(acting, hub, integration, wanted)


async def fill(acting: AppActing, hub: Chaskiq, integration_key: str, wanted: WantedTemplate) -> FilledTemplate:
    """The integration's template, filled."""
    stored = await acting.read(whose_templates, integration_key)
    template = await hub.templates.find(stored.app_id, stored.id, wanted.name, wanted.language)
    if (template.header_media is None) != (wanted.header is None):
        what = f"a file ({template.header_media}) must" if template.header_media else "no file may"
        raise InvalidError(f"template.header: {what} stand above this template")
    return fill_template(
        template,
        body=wanted.parameters,
        header=wanted.header_parameters,
        buttons={int(index): value for index, value in wanted.buttons.items()},
    )
