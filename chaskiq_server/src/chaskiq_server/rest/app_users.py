"""Contacts."""

import math
from typing import Annotated, TypeAlias

from fastapi import Query
from pydantic import Field, field_validator
from starlette.responses import JSONResponse

from chaskiq_core.desk import people
from chaskiq_core.desk.people import MAX_FIELD, MAX_PROPERTIES
from chaskiq_server.rest.answers import answer, answer_page
from chaskiq_server.rest.route import FIRST_PAGE, Acting, After, Input, Limit, resource
from chaskiq_server.rest.shapes import AppUser, page_of

router = resource("app_users")

MAX_PROPERTY = 10_000
Short: TypeAlias = Annotated[str, Field(max_length=MAX_FIELD)]
Property: TypeAlias = Annotated[str, Field(max_length=MAX_PROPERTY)] | int | float | bool | None
Properties: TypeAlias = Annotated[dict[Short, Property], Field(max_length=MAX_PROPERTIES)]


class Fields(Input):
    """What is known of a contact."""

    name: Short | None = None
    email: Short | None = None
    phone: Short | None = None
    properties: Properties = Field(default={}, description="texts, numbers and booleans; null takes one away")

    @field_validator("properties")
    @classmethod
    def _are_finite(cls, properties: dict[str, Property]) -> dict[str, Property]:
        for name, value in properties.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name[:80]} is too large a number")
        return properties


class NewContact(Fields):
    """A contact who has not written yet."""

    kind: str = Field("lead", max_length=20, description="visitor, lead or user")


@router.get("", response_model=page_of(AppUser))
async def list_contacts(
    acting: Acting,
    q: Annotated[str, Query(description="in the name, e-mail or phone", max_length=200)] = "",
    after: After = None,
    limit: Limit = FIRST_PAGE,
) -> JSONResponse:
    """Contacts, newest first."""
    return answer_page(await acting.read(people.contacts, q=q, after=after, limit=limit))


@router.post("", status_code=201, response_model=AppUser)
async def add_contact(acting: Acting, new: NewContact) -> JSONResponse:
    """A new contact."""
    known = {name: value for name, value in new.properties.items() if value is not None}
    return answer(
        await acting.write(
            people.add_contact, kind=new.kind, name=new.name, email=new.email, phone=new.phone, properties=known
        ),
        201,
    )


@router.get("/{key}", response_model=AppUser)
async def show_contact(acting: Acting, key: str) -> JSONResponse:
    """One contact."""
    return answer(await acting.read(people.contact, key))


@router.patch("/{key}", response_model=AppUser)
async def change_contact(acting: Acting, key: str, changes: Fields) -> JSONResponse:
    """Other values for the fields that are given."""
    return answer(await acting.write(people.change_contact, key, changes.model_dump(exclude_unset=True)))
