"""Who wrote: a provider's sender becomes one contact, found by any of their ids there, made if there is none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaskiq_core.log import record_event
from chaskiq_core.model import AppUser, ExternalProfile, PersonKind, ProfileAlias, SubscriptionState
from chaskiq_core.model.ids import AppUserId
from chaskiq_core.plugin.events import Sender
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileName:
    """One id of a person at a provider."""

    provider: str
    scope: str
    """Within what the id is unique: the provider's account, or '' for all of the provider."""
    alias: str


@dataclass(slots=True, kw_only=True)
class KnownPerson:
    """A contact with the provider's profile that led to them."""

    person: AppUser
    profile_id: int
    is_new: bool = False


def names_of(sender: Sender, *, provider: str, scope: str) -> list[ProfileName]:
    """All ids of a sender, each once; an empty one is no id."""
    aliases = dict.fromkeys(alias for alias in (sender.id, *sender.aliases) if alias)
    return [ProfileName(provider=provider, scope=scope, alias=alias) for alias in aliases]


def find_people(unit: Unit, names: Iterable[ProfileName]) -> dict[ProfileName, KnownPerson]:
    """The contacts behind the names, locked in the order of their ids: two statements, however many."""
    wanted = set(names)
    if not wanted:
        return {}
    statement = (
        unit.select(ProfileAlias, ExternalProfile)
        .join(ExternalProfile, ExternalProfile.id == ProfileAlias.profile_id)
        .where(
            ProfileAlias.provider.in_({name.provider for name in wanted}),
            ProfileAlias.scope.in_({name.scope for name in wanted}),
            ProfileAlias.alias.in_({name.alias for name in wanted}),
        )
    )
    found = {
        ProfileName(provider=alias.provider, scope=alias.scope, alias=alias.alias): profile
        for alias, profile in unit.rows(statement)
    }
    ids = {profile.app_user_id for profile in found.values()}
    people = {}
    if ids:
        locked = unit.lock(unit.select(AppUser).where(AppUser.id.in_(sorted(ids))).order_by(AppUser.id))
        people = {person.id: person for person in locked}
    return {
        name: KnownPerson(person=people[profile.app_user_id], profile_id=profile.id)
        for name, profile in found.items()
        if name in wanted
    }


def find_other_names(unit: Unit, names: Iterable[ProfileName]) -> dict[ProfileName, tuple[str, ...]]:
    """For each name that is known, all that its person is called there: two statements, nothing locked."""
    wanted = set(names)
    aliases = unit.all(
        unit.select(ProfileAlias).where(
            ProfileAlias.provider.in_({name.provider for name in wanted}),
            ProfileAlias.scope.in_({name.scope for name in wanted}),
            ProfileAlias.alias.in_({name.alias for name in wanted}),
        )
    )
    if not aliases:
        return {}
    several: dict[int, list[str]] = {}
    profiles = sorted({alias.profile_id for alias in aliases})
    for alias in unit.all(unit.select(ProfileAlias).where(ProfileAlias.profile_id.in_(profiles))):
        several.setdefault(alias.profile_id, []).append(alias.alias)
    return {
        ProfileName(provider=alias.provider, scope=alias.scope, alias=alias.alias): tuple(
            sorted(several[alias.profile_id])
        )
        for alias in aliases
    }


def learn_names(unit: Unit, *, provider: str, scopes: Sequence[str], known_as: str, names: Iterable[str]) -> None:
    """The person known by one id at a provider is found by the others, too, unless somebody else has them."""
    found = unit.first(
        unit.select(ProfileAlias).where(
            ProfileAlias.provider == provider, ProfileAlias.scope.in_(scopes), ProfileAlias.alias == known_as
        )
    )
    if found is not None:
        for name in sorted(set(names)):
            _claim_name(unit, ProfileName(provider=provider, scope=found.scope, alias=name), found.profile_id)


def rename(
    unit: Unit,
    old: Sequence[ProfileName],
    sender: Sender,
    new: Sequence[ProfileName],
    known: dict[ProfileName, KnownPerson],
) -> KnownPerson | None:
    """The person of the old ids is known by the new ones from now on, and by none of the old: a number that was given
    up may be given to a stranger. None: nobody is known by an old one.
    """
    found = next((known[name] for name in old if name in known), None)
    if found is None:
        return None
    gone = [name for name in old if name not in new and name in known and known[name].profile_id == found.profile_id]
    for name in gone:
        forget_name(unit, name, found.profile_id)
        del known[name]
    for name in new:
        if name not in known and _claim_name(unit, name, found.profile_id):
            known[name] = found
    [profile] = unit.all(unit.select(ExternalProfile).where(ExternalProfile.id == found.profile_id))
    profile.data = {**profile.data, **sender.data, "external_id": sender.id}
    if sender.phone and found.person.phone in (None, *(f"+{name.alias}" for name in old)):
        found.person.phone = sender.phone
    return found


def _claim_name(unit: Unit, name: ProfileName, profile_id: int) -> bool:
    return unit.claim(_alias(unit, name, profile_id), on=("app_id", "provider", "scope", "alias"))


def add_name(unit: Unit, name: ProfileName, profile_id: int) -> None:
    """One more name of a profile; two who add it at once meet at its primary key."""
    unit.add(_alias(unit, name, profile_id))


def forget_name(unit: Unit, name: ProfileName, profile_id: int) -> None:
    """The profile is found by that name no more."""
    unit.change(
        unit.delete(ProfileAlias).where(
            ProfileAlias.provider == name.provider,
            ProfileAlias.scope == name.scope,
            ProfileAlias.alias == name.alias,
            ProfileAlias.profile_id == profile_id,
        )
    )


def _alias(unit: Unit, name: ProfileName, profile_id: int) -> ProfileAlias:
    return ProfileAlias(
        app_id=unit.app_id, provider=name.provider, scope=name.scope, alias=name.alias, profile_id=profile_id
    )


def identify(
    unit: Unit, sender: Sender, names: Sequence[ProfileName], known: dict[ProfileName, KnownPerson]
) -> KnownPerson:
    """The sender's contact: known by one of the names, or made; new names and better data are kept.

    Two who make the same stranger at once meet at the alias's primary key: one is run again and finds them.
    """
    found = next((known[name] for name in names if name in known), None)
    if found is None:
        found = _add_person(unit, sender, names[0])
    person = found.person
    for name in names:
        if name not in known:
            add_name(unit, name, found.profile_id)
            known[name] = found
    person.email = person.email or sender.email
    person.phone = person.phone or sender.phone
    return found


def recognise(
    unit: Unit, person: AppUser, sender: Sender, names: Sequence[ProfileName], known: dict[ProfileName, KnownPerson]
) -> None:
    """The sender is surely this contact, who was never seen there: by one of these names from now on."""
    if not any(name in known for name in names):
        known[names[0]] = KnownPerson(person=person, profile_id=_add_profile(unit, person, sender, names[0]).id)
        add_name(unit, names[0], known[names[0]].profile_id)


def _add_person(unit: Unit, sender: Sender, name: ProfileName) -> KnownPerson:
    key = unit.new_key()
    person = unit.add(
        AppUser(
            app_id=unit.app_id,
            id=unit.new_id(),
            key=key,
            kind=PersonKind.VISITOR,
            name=sender.name.strip()[:200] or f"Visitor {key[:5].upper()}",
            email=sender.email,
            phone=sender.phone,
            properties={},
            session_id=unit.new_key(),
            subscription_state=SubscriptionState.PASSIVE,
            unread_count=0,
            created_at=unit.now,
            last_heard_from_at=None,
            last_contacted_at=None,
        )
    )
    profile = _add_profile(unit, person, sender, name)
    record_event(unit, "users.created", subject_type="app_user", subject_key=person.key)
    return KnownPerson(person=person, profile_id=profile.id, is_new=True)


def _add_profile(unit: Unit, person: AppUser, sender: Sender, name: ProfileName) -> ExternalProfile:
    return unit.add(
        ExternalProfile(
            app_id=unit.app_id,
            id=unit.new_id(),
            app_user_id=AppUserId(person.id),
            provider=name.provider,
            scope=name.scope,
            data={"external_id": sender.id, **sender.data},
            created_at=unit.now,
        )
    )


def become_lead(unit: Unit, person: AppUser) -> None:
    """A visitor who starts a conversation is a lead from then on."""
    if person.kind is PersonKind.VISITOR:
        person.kind = PersonKind.LEAD
        record_event(unit, "visitors.convert", subject_type="app_user", subject_key=person.key)
