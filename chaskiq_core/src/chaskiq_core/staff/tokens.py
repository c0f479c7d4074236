"""Bearer tokens: made once, kept as a hash, found by it."""

from dataclasses import dataclass
from datetime import datetime

from chaskiq_core.errors import NotFoundError
from chaskiq_core.model import Agent, App, Role, RoleName, Token
from chaskiq_core.model.ids import AgentId, AppId, AppKey
from chaskiq_core.secrets import hash_token
from chaskiq_core.staff.agents import find_role, is_row_id
from chaskiq_core.store.unit import HouseUnit, Unit

PREFIX = "cq_"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Whom a token stands for."""

    app_id: AppId
    app_key: AppKey
    agent_id: AgentId
    role: RoleName


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """A token as lists show it."""

    id: int
    agent: str
    hint: str
    created_at: datetime
    revoked: bool


def create_token(unit: Unit, agent: str) -> str:
    """A new token of an agent (by e-mail or id) in this App: 288 random bits, shown this once."""
    role, _ = find_role(unit, agent)
    token = f"{PREFIX}{unit.new_key()}{unit.new_key()}"
    unit.add(
        Token(
            app_id=unit.app_id,
            id=unit.new_id(),
            agent_id=role.agent_id,
            token_hash=hash_token(token),
            hint=token[-4:],
            created_at=unit.now,
            revoked_at=None,
        )
    )
    return token


def sign_in(house: HouseUnit, token_hash: str) -> SignedIn | None:
    """Whom a token's hash stands for; None: nobody, or no longer."""
    token = house.first(house.select(Token).where(Token.token_hash == token_hash, Token.revoked_at.is_(None)))
    if token is None:
        return None
    app = house.first(house.select(App).where(App.id == token.app_id))
    rows = house.rows(
        house.select(Role, Agent)
        .join(Agent, Agent.id == Role.agent_id)
        .where(Role.app_id == token.app_id, Role.agent_id == token.agent_id)
    )
    if app is None or not rows or rows[0][1].disabled_at is not None:
        return None
    return SignedIn(app_id=app.id, app_key=app.key, agent_id=token.agent_id, role=rows[0][0].name)


def list_tokens(unit: Unit) -> list[TokenFacts]:
    """The App's tokens, oldest first."""
    rows = unit.rows(unit.select(Token, Agent).join(Agent, Agent.id == Token.agent_id).order_by(Token.id))
    return [
        TokenFacts(
            id=token.id,
            agent=agent.email,
            hint=token.hint,
            created_at=token.created_at,
            revoked=token.revoked_at is not None,
        )
        for token, agent in rows
    ]


def locate_app(house: HouseUnit, token_id: str) -> AppId | None:
    """The App of a token's id, for commands that name the token only."""
    return house.first(house.select(Token.app_id).where(Token.id == int(token_id))) if is_row_id(token_id) else None


def revoke_token(unit: Unit, token_id: str) -> None:
    """The token is good for nothing from now on."""
    token = unit.first(unit.select(Token).where(Token.id == int(token_id))) if is_row_id(token_id) else None
    if token is None:
        raise NotFoundError(f"no token {token_id[:32]!r} in this App")
    token.revoked_at = token.revoked_at or unit.now
