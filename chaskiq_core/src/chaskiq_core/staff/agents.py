"""Agents: people who answer, known by e-mail over all Apps, with a role in each."""

from collections.abc import Iterable

from chaskiq_core.errors import ConflictError, InvalidError, NotFoundError
from chaskiq_core.model import Agent, App, Role, RoleName
from chaskiq_core.model.ids import AgentId
from chaskiq_core.store.unit import HouseUnit, Unit

HUMAN_ROLES = (RoleName.ADMIN, RoleName.MANAGER, RoleName.AGENT)


def add_agent(
    house: HouseUnit, app_key: str, *, email: str, name: str, role: RoleName, password_hash: str | None = None
) -> AgentId:
    """A new agent, or a known one, with a role in the App. ConflictError if they have one already."""
    address = email.strip().lower()
    if "@" not in address or len(address) > 320:
        raise InvalidError(f"email: {email[:80]!r} is not an address")
    app = house.first(house.select(App).where(App.key == app_key))
    if app is None:
        raise NotFoundError(f"no App has the key {app_key[:64]!r}")
    agent = house.first(house.select(Agent).where(Agent.email == address))
    if agent is None:
        agent = house.add(
            Agent(
                id=AgentId(house.new_id()),
                email=address,
                name=name,
                bot=False,
                password_hash=password_hash,
                disabled_at=None,
                created_at=house.now,
            )
        )
    elif house.first(house.select(Role).where(Role.app_id == app.id, Role.agent_id == agent.id)):
        raise ConflictError(f"{address} is an agent of this App already")
    elif password_hash is not None:
        raise ConflictError(f"{address} is an agent of another App and keeps their password: add them without one")
    house.add(Role(app_id=app.id, agent_id=agent.id, name=role, created_at=house.now))
    return agent.id


def disable_agent(house: HouseUnit, email: str) -> None:
    """The agent can't act in any App from now on."""
    agent = house.first(house.select(Agent).where(Agent.email == email.strip().lower()))
    if agent is None:
        raise NotFoundError(f"no agent has the address {email[:80]!r}")
    agent.disabled_at = agent.disabled_at or house.now


def find_role(unit: Unit, name: str) -> tuple[Role, Agent]:
    """An agent of this App by e-mail or id; NotFoundError for strangers and for disabled ones."""
    statement = unit.select(Role, Agent).join(Agent, Agent.id == Role.agent_id)
    named = Agent.id == int(name) if is_row_id(name) else Agent.email == name.strip().lower()
    rows = unit.rows(statement.where(named))
    if not rows or rows[0][1].disabled_at is not None:
        raise NotFoundError(f"no agent {name[:80]!r} in this App")
    return rows[0][0], rows[0][1]


def load_agents(unit: Unit, ids: Iterable[AgentId]) -> dict[AgentId, Agent]:
    """Agents of this App by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = unit.rows(
        unit.select(Role, Agent).join(Agent, Agent.id == Role.agent_id).where(Role.agent_id.in_(sorted(wanted)))
    )
    return {agent.id: agent for _, agent in rows}


def list_agents(unit: Unit) -> list[tuple[Agent, RoleName]]:
    """The agents of this App, oldest first."""
    rows = unit.rows(unit.select(Role, Agent).join(Agent, Agent.id == Role.agent_id).order_by(Agent.id))
    return [(agent, role.name) for role, agent in rows]


def first_admin(unit: Unit) -> AgentId | None:
    """The App's oldest admin: who speaks for the business where nobody else is named."""
    role = unit.first(unit.select(Role).where(Role.name == RoleName.ADMIN).order_by(Role.created_at, Role.agent_id))
    return role.agent_id if role else None


def is_row_id(text: str) -> bool:
    """Whether a text from outside can be the id of a row."""
    return text.isascii() and text.isdigit() and len(text) <= 18
