"""The API's shapes for its documentation, made from the views; answers themselves are written by `as_json`."""

import dataclasses
from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from types import GenericAlias, UnionType
from typing import Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from chaskiq_core.desk.staff import AgentView, MeView
from chaskiq_core.plugin.views import AppUserView, ConversationView, DeliveryView, IntegrationView, MediaView, PartView


class Problem(BaseModel):
    """Problem details (RFC 9457). An error has `detail` and the `pointer` into the body or the query's `parameter`."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


def problem(description: str) -> dict[str, object]:
    """A documented error response."""
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }


@cache
def shape_of(view: type) -> type[BaseModel]:
    """The shape of a view's JSON."""
    hints = get_type_hints(view)
    fields = {field.name.removesuffix("_"): _shown(hints[field.name]) for field in dataclasses.fields(view)}
    return _shape(view.__name__.removesuffix("View"), view.__doc__, fields)


def page_of(item: type[BaseModel]) -> type[BaseModel]:
    """The shape of a page of items."""
    fields = {"items": GenericAlias(list, (item,)), "next": str | None}
    return _shape(f"{item.__name__}Page", "Some items, and where to go on.", fields)


def _shape(
    name: str, doc: str | None, fields: Mapping[str, object], base: type[BaseModel] = BaseModel
) -> type[BaseModel]:
    made = type(name, (base,), {"__doc__": doc, "__module__": __name__, "__annotations__": dict(fields)})
    assert issubclass(made, BaseModel)
    return made


def _shown(hint: object) -> object:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return reduce(or_, [_shown(argument) for argument in arguments])
    if origin is tuple:
        return GenericAlias(list, (_shown(arguments[0]),))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict[str, object]
    return shape_of(hint) if isinstance(hint, type) and dataclasses.is_dataclass(hint) else hint


Conversation = shape_of(ConversationView)
Part = shape_of(PartView)
AppUser = shape_of(AppUserView)
Integration = shape_of(IntegrationView)
Media = shape_of(MediaView)
Agent = shape_of(AgentView)
Me = shape_of(MeView)
ListedDelivery = _shape(
    "ListedDelivery",
    "A part on its way to one channel, and where it belongs.",
    {"conversation_key": str, "part_key": str},
    shape_of(DeliveryView),
)
