"""Agents and tokens of an App."""

from dataclasses import dataclass

from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.errors import ForbiddenError
from chaskiq_core.plugin.views import PersonView
from chaskiq_core.presenters.people import present_agent
from chaskiq_core.staff import agents, tokens
from chaskiq_core.staff.apps import find_app
from chaskiq_core.staff.tokens import TokenFacts
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView(PersonView):
    """An agent as lists show them."""

    role: str
    disabled: bool
    """Locked out: nothing can be assigned to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeView:
    """Who asks, and in which App."""

    app_key: str
    app_name: str
    agent: PersonView


@act(needs=Permission.VIEW)
def me(unit: Unit) -> MeView:
    """The agent who asks, and their App."""
    if unit.actor.kind != "agent":
        raise ForbiddenError("only an agent can ask who they are")
    _, agent = agents.find_role(unit, unit.actor.name)
    app = find_app(unit)
    return MeView(app_key=app.key, app_name=app.name, agent=present_agent(agent))


@act(needs=Permission.VIEW)
def list_agents(unit: Unit) -> list[AgentView]:
    """The App's agents, oldest first, its bot among them."""
    return [
        _listed(present_agent(agent), role.value, disabled=agent.disabled_at is not None)
        for agent, role in agents.list_agents(unit)
    ]


@act(needs=Permission.MANAGE_STAFF, audits=True)
def create_token(unit: Unit, agent: str) -> str:
    """A new bearer token of an agent (by e-mail or id), shown this once."""
    return tokens.create_token(unit, agent)


@act(needs=Permission.MANAGE_STAFF)
def list_tokens(unit: Unit) -> list[TokenFacts]:
    """The App's tokens, oldest first."""
    return tokens.list_tokens(unit)


@act(needs=Permission.MANAGE_STAFF, audits=True)
def revoke_token(unit: Unit, token_id: str) -> None:
    """The token is good for nothing from now on."""
    tokens.revoke_token(unit, token_id)


def _listed(person: PersonView, role: str, *, disabled: bool) -> AgentView:
    return AgentView(
        id=person.id,
        kind=person.kind,
        name=person.name,
        email=person.email,
        avatar_url=person.avatar_url,
        role=role,
        disabled=disabled,
    )
