"""Contacts of a client of our own, who come with a name that was proved: a session's, or the user of a site."""

from dataclasses import dataclass

from chaskiq_core.model import AppUser, ExternalProfile, PersonKind, ProfileAlias, SubscriptionState
from chaskiq_core.people.identify import ProfileName
from chaskiq_core.plugin.events import Sender
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who speaks, as a client of our own knows them; every name in it was proved."""

    provider: str
    account: str
    name: str
    """Of the user whom a site vouches for, or of the session where nobody does: unique in the account."""
    is_user: bool = False
    was: str | None = None
    """The session's name from before the user was known: what was written under it is theirs."""
    shown_as: str = ""
    email: str | None = None
    phone: str | None = None

    @property
    def sender(self) -> Sender:
        """As `identify` takes it."""
        return Sender(id=self.name, name=self.shown_as, email=self.email, phone=self.phone)

    @property
    def profile(self) -> ProfileName:
        """Under which name the contact is found."""
        return self._named(self.name)

    @property
    def former(self) -> ProfileName | None:
        """The same of the session before."""
        return self._named(self.was) if self.was else None

    def _named(self, name: str) -> ProfileName:
        return ProfileName(provider=self.provider, scope=self.account, alias=name)


def find_visitor(unit: Unit, visitor: Visitor) -> AppUser | None:
    """The contact, not locked; None: they have not written yet."""
    name = visitor.profile
    found = unit.rows(
        unit.select(AppUser, ExternalProfile)
        .join(ExternalProfile, ExternalProfile.app_user_id == AppUser.id)
        .join(ProfileAlias, ProfileAlias.profile_id == ExternalProfile.id)
        .where(
            ProfileAlias.app_id == unit.app_id,
            ProfileAlias.provider == name.provider,
            ProfileAlias.scope == name.scope,
            ProfileAlias.alias == name.alias,
        )
    )
    return found[0][0] if found else None


def find_by_address(unit: Unit, email: str | None) -> AppUser | None:
    """The contact who has had that address for the longest time, locked."""
    if not email:
        return None
    statement = (
        unit.select(AppUser)
        .where(AppUser.email == email, AppUser.subscription_state != SubscriptionState.ARCHIVED)
        .order_by(AppUser.id)
        .limit(1)
    )
    return next(iter(unit.lock(statement)), None)


def vouch(person: AppUser, visitor: Visitor) -> None:
    """What a site says of its user is true."""
    person.kind = PersonKind.USER
    person.name = visitor.shown_as or person.name
    person.email = visitor.email or person.email
    person.phone = visitor.phone or person.phone
