"""Contacts: seen, added, changed."""

from collections.abc import Mapping

from chaskiq_core.desk.pages import DEFAULT_LIMIT, Page, bounded, read_cursor, write_cursor
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.errors import InvalidError
from chaskiq_core.log import record_event
from chaskiq_core.model import AppUser, JsonObject, PersonKind, SubscriptionState
from chaskiq_core.people.queries import find_person, load_profiles, page_people
from chaskiq_core.plugin.views import AppUserView
from chaskiq_core.presenters.people import present_app_user
from chaskiq_core.store.unit import Unit

MAX_FIELD = 500
MAX_PROPERTIES = 100


@act(needs=Permission.VIEW)
def contacts(unit: Unit, *, q: str = "", after: str | None = None, limit: int = DEFAULT_LIMIT) -> Page[AppUserView]:
    """Contacts newest first; `q` is in their name, e-mail or phone."""
    size = bounded(limit)
    place = read_cursor(after, 1)
    found = page_people(unit, q=q.strip()[:200], after=place[0] if place else None, limit=size + 1)
    page = found[:size]
    profiles = load_profiles(unit, page)
    return Page(
        items=[present_app_user(person, profiles[person.id]) for person in page],
        next=write_cursor(page[-1].id) if len(found) > size else None,
    )


@act(needs=Permission.VIEW)
def contact(unit: Unit, key: str) -> AppUserView:
    """One contact."""
    return _view(unit, find_person(unit, key))


@act(needs=Permission.MANAGE_CONTACTS, audits=True)
def add_contact(
    unit: Unit,
    *,
    kind: str = "lead",
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    properties: JsonObject | None = None,
) -> AppUserView:
    """A contact who has not written yet."""
    try:
        known_kind = PersonKind(kind)
    except ValueError:
        raise InvalidError(f"kind: must be one of {', '.join(PersonKind)}") from None
    key = unit.new_key()
    person = unit.add(
        AppUser(
            app_id=unit.app_id,
            id=unit.new_id(),
            key=key,
            kind=known_kind,
            name=_field("name", name) or f"Visitor {key[:5].upper()}",
            email=_email(email),
            phone=_field("phone", phone),
            properties=_properties(properties or {}),
            session_id=unit.new_key(),
            subscription_state=SubscriptionState.PASSIVE,
            unread_count=0,
            created_at=unit.now,
            last_heard_from_at=None,
            last_contacted_at=None,
        )
    )
    record_event(unit, "users.created", subject_type="app_user", subject_key=person.key)
    unit.flush()
    return _view(unit, person)


@act(needs=Permission.MANAGE_CONTACTS, audits=True)
def change_contact(unit: Unit, key: str, changes: JsonObject) -> AppUserView:
    """Other fields of a contact: name, email, phone, properties (a property of None is taken away)."""
    person = find_person(unit, key, lock=True)
    for name, value in changes.items():
        match name:
            case "name":
                person.name = _field(name, value) or person.name
            case "email":
                person.email = _email(value)
            case "phone":
                person.phone = _field(name, value)
            case "properties" if isinstance(value, Mapping):
                merged = {**person.properties, **value}
                person.properties = _properties({name: one for name, one in merged.items() if one is not None})
            case _:
                raise InvalidError(f"{name}: can't be set")
    unit.flush()
    return _view(unit, person)


def _view(unit: Unit, person: AppUser) -> AppUserView:
    return present_app_user(person, load_profiles(unit, [person])[person.id])


def _field(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_FIELD or "\x00" in value:
        raise InvalidError(f"{name}: must be a text of at most {MAX_FIELD} characters")
    return value.strip() or None


def _email(value: object) -> str | None:
    address = _field("email", value)
    if address is not None and ("@" not in address[1:-1] or any(character.isspace() for character in address)):
        raise InvalidError(f"email: {address[:80]!r} is not an address")
    return address


def _properties(properties: JsonObject) -> JsonObject:
    if len(properties) > MAX_PROPERTIES or any(len(name) > MAX_FIELD for name in properties):
        raise InvalidError(f"properties: at most {MAX_PROPERTIES}, with short names")
    if any(not isinstance(value, str | int | float | bool | None) for value in properties.values()):
        raise InvalidError("properties: values are texts, numbers or booleans")
    return properties
