"""Agents and tokens of an App."""

from dataclasses import dataclass

from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.staff import agents, tokens
from chaskiq_core.staff.tokens import TokenFacts
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """An agent as lists show them."""

    id: str
    email: str
    name: str
    role: str
    disabled: bool


@act(needs=Permission.VIEW)
def list_agents(unit: Unit) -> list[AgentView]:
    """The App's agents, oldest first, its bot among them."""
    return [
        AgentView(
            id=str(agent.id),
            email=agent.email,
            name=agent.name,
            role=role.value,
            disabled=agent.disabled_at is not None,
        )
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
