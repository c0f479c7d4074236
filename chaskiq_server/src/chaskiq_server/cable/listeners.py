"""Who listens on a connection: an agent with a token, or a contact with a session of the web messenger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.exceptions import HTTPException

from chaskiq_core.desk import messenger
from chaskiq_core.desk.permissions import ROLES, Permission
from chaskiq_core.errors import RefusalError
from chaskiq_core.model.ids import AppId
from chaskiq_core.plugin import JsonObject
from chaskiq_core.staff.tokens import SignedIn
from chaskiq_server.access.bearer import Bearers
from chaskiq_server.access.visitors import Visiting, Visitors
from chaskiq_server.cable.subscriptions import stream_of


class Listener(Protocol):
    """Somebody who may hear some streams of one App."""

    @property
    def app_id(self) -> AppId: ...

    @property
    def app_key(self) -> str: ...

    @property
    def proof(self) -> str:
        """The token or session that they came with."""
        ...

    async def stream_of(self, asked: JsonObject) -> str | None:
        """The stream of a subscription; None: refused. Raises UnavailableError."""
        ...

    async def may_stay(self) -> bool:
        """Whether the proof still holds. Raises UnavailableError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentListener:
    """An agent, by token."""

    signed_in: SignedIn
    proof: str
    bearers: Bearers

    @property
    def app_id(self) -> AppId:
        """The App of the token."""
        return self.signed_in.app_id

    @property
    def app_key(self) -> str:
        """Its key."""
        return self.signed_in.app_key

    async def stream_of(self, asked: JsonObject) -> str | None:
        """What agents may hear."""
        return stream_of(asked, self.signed_in)

    async def may_stay(self) -> bool:
        """A revoked token, and one whose agent may not look any more, ends the connection."""
        found = await self.bearers.find(self.proof)
        return found is not None and found.app_id == self.app_id and may_listen(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorListener:
    """A contact, by session."""

    visiting: Visiting
    proof: str
    origin: str | None
    visitors: Visitors

    @property
    def app_id(self) -> AppId:
        """The App of the session's messenger."""
        return self.visiting.messenger.integration.app_id

    @property
    def app_key(self) -> str:
        """Its key."""
        return self.visiting.messenger.app_key

    async def stream_of(self, asked: JsonObject) -> str | None:
        """Their own stream, once they have written; nothing of any agent's."""
        if asked.get("channel") != "MessengerEventsChannel" or asked.get("app", self.app_key) != self.app_key:
            return None
        return await self.visiting.acting.read(messenger.own_stream, self.visiting.visitor)

    async def may_stay(self) -> bool:
        """A session that has ended, and a messenger that is paused or gone, ends the connection."""
        try:
            visiting = await self.visitors.of_session(self.app_key, self.proof)
            visiting.messenger.check(self.origin)
        except (HTTPException, RefusalError):
            return False
        return True


async def find_listener(
    query: Mapping[str, str], origin: str | None, bearers: Bearers, visitors: Visitors
) -> AgentListener | VisitorListener | None:
    """Who opens a connection: `?app=KEY&token=…` or `?app=KEY&session=…`; None: nobody. Raises UnavailableError."""
    app_key = query.get("app", "")
    if token := query.get("token", ""):
        signed_in = await bearers.find(token)
        if signed_in is None or signed_in.app_key != app_key or not may_listen(signed_in):
            return None
        return AgentListener(signed_in=signed_in, proof=token, bearers=bearers)
    if session := query.get("session", ""):
        try:
            visiting = await visitors.of_session(app_key, session)
            visiting.messenger.check(origin)
        except (HTTPException, RefusalError):
            return None
        return VisitorListener(visiting=visiting, proof=session, origin=origin, visitors=visitors)
    return None


def may_listen(signed_in: SignedIn) -> bool:
    """Whether an agent may hear of conversations at all."""
    return Permission.VIEW in ROLES[signed_in.role]
