"""Contacts and agents as people outside see them."""

from collections.abc import Sequence

from chaskiq_core.model import Agent, AppUser, ExternalProfile
from chaskiq_core.plugin.views import AppUserView, AuthorView, PersonView, ProfileView


def present_contact(person: AppUser) -> PersonView:
    """A contact, short."""
    return PersonView(id=person.key, kind=person.kind.value, name=person.name, email=person.email, avatar_url=None)


def present_agent(agent: Agent) -> PersonView:
    """An agent, short."""
    return PersonView(
        id=str(agent.id), kind="bot" if agent.bot else "agent", name=agent.name, email=agent.email, avatar_url=None
    )


def present_app_user(person: AppUser, profiles: Sequence[ExternalProfile]) -> AppUserView:
    """A contact with all that is known."""
    return AppUserView(
        id=person.key,
        kind=person.kind.value,
        name=person.name,
        email=person.email,
        avatar_url=None,
        phone=person.phone,
        properties=person.properties,
        subscription_state=person.subscription_state.value,
        profiles=tuple(
            ProfileView(provider=profile.provider, external_id=str(profile.data.get("external_id", "")))
            for profile in profiles
        ),
    )


def author_of(row: AppUser | Agent) -> AuthorView:
    """A contact or an agent as the author of a part."""
    if isinstance(row, AppUser):
        return AuthorView(type="app_user", id=row.key, name=row.name)
    return AuthorView(type="bot" if row.bot else "agent", id=str(row.id), name=row.name)
