"""Finding contacts for the desk."""

from collections.abc import Iterable, Sequence

from sqlalchemy import or_

from chaskiq_core.errors import NotFoundError
from chaskiq_core.model import AppUser, ExternalProfile
from chaskiq_core.store.unit import Unit


def find_person(unit: Unit, key: str, *, lock: bool = False) -> AppUser:
    """The contact of that key; NotFoundError otherwise."""
    statement = unit.select(AppUser).where(AppUser.key == key)
    found = unit.lock(statement) if lock else unit.all(statement)
    if not found:
        raise NotFoundError(f"no contact {key[:64]!r} in this App")
    return found[0]


def page_people(unit: Unit, *, q: str, after: int | None, limit: int) -> Sequence[AppUser]:
    """Contacts whose name, e-mail or phone contains `q`, newest first, below the id `after`."""
    statement = unit.select(AppUser).order_by(AppUser.id.desc()).limit(limit)
    if q:
        statement = statement.where(
            or_(*(column.icontains(q, autoescape=True) for column in (AppUser.name, AppUser.email, AppUser.phone)))
        )
    if after is not None:
        statement = statement.where(AppUser.id < after)
    return unit.all(statement)


def load_profiles(unit: Unit, people: Iterable[AppUser]) -> dict[int, list[ExternalProfile]]:
    """The profiles of contacts, by contact."""
    ids = sorted({person.id for person in people})
    profiles: dict[int, list[ExternalProfile]] = {id_: [] for id_ in ids}
    if ids:
        statement = (
            unit.select(ExternalProfile).where(ExternalProfile.app_user_id.in_(ids)).order_by(ExternalProfile.id)
        )
        for profile in unit.all(statement):
            profiles[profile.app_user_id].append(profile)
    return profiles
