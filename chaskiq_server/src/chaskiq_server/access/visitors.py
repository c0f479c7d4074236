"""Who asks of the web messenger: a session proves it, and says which messenger of the App it is."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import HTTPException

from chaskiq_core import Chaskiq
from chaskiq_core.errors import ForbiddenError, NotFoundError, SettingsError
from chaskiq_core.hub import AppActing
from chaskiq_core.integrations.find import find_active
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.model import IntegrationState
from chaskiq_core.people.vouched import Visitor
from chaskiq_core.store.call import Actor, utc_now
from chaskiq_web import WebSettings
from chaskiq_web.identity import Identity, IdentityError, issuer_of, read_session

FOUND_SECONDS = 1.0
"""How long a messenger that was found may be taken from memory."""
MAX_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Messenger:
    """A web messenger of an App."""

    app_key: str
    integration: OpenIntegration
    settings: WebSettings

    def check(self, origin: str | None) -> None:
        """ForbiddenError for a page of a site that may not show it, and while it is paused."""
        if not self.settings.allows(origin):
            raise ForbiddenError(f"the messenger is not for pages of {str(origin)[:100]}")
        if self.integration.stored.state is not IntegrationState.ACTIVE:
            raise ForbiddenError("the messenger is paused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visiting:
    """Somebody in a browser, and what they may act with."""

    acting: AppActing
    messenger: Messenger
    identity: Identity

    @property
    def visitor(self) -> Visitor:
        """As the desk knows them."""
        return visitor_of(self.identity, self.messenger)


class Visitors:
    """Finds messengers, and reads their sessions."""

    def __init__(self, chaskiq: Chaskiq, clock: Callable[[], float] = time.monotonic) -> None:
        self._chaskiq = chaskiq
        self._clock = clock
        self._found: dict[tuple[str, str | None], tuple[Messenger, float]] = {}

    async def messenger(self, app_key: str, integration: str | None) -> Messenger:
        """The App's messenger of that key, or its first; NotFoundError."""
        kept = self._found.get((app_key, integration))
        if kept and kept[1] > self._clock():
            return kept[0]
        acting = self._chaskiq.store.acting(await self._chaskiq.store.app_id(app_key))
        stored = await acting.read(find_active, "web", integration)
        if stored is None:
            raise NotFoundError("this App has no web messenger: add one with `chaskiq integrations add web`")
        try:
            _, opened = await self._chaskiq.integrations.by_id(acting.app_id, stored.id)
        except SettingsError as error:
            raise NotFoundError(f"the web messenger can't be used: {error}") from error
        assert isinstance(opened.settings, WebSettings)
        messenger = Messenger(app_key=app_key, integration=opened, settings=opened.settings)
        if len(self._found) >= MAX_KEPT:
            self._found.clear()
        self._found[app_key, integration] = (messenger, self._clock() + FOUND_SECONDS)
        return messenger

    async def of_session(self, app_key: str, token: str) -> Visiting:
        """Whom a session stands for; 401 for one that proves nothing, NotFoundError for another App's."""
        issuer = issuer_of(token)
        if issuer is None:
            raise unauthorized("the session is not valid: open one with POST …/session")
        messenger = await self.messenger(app_key, issuer)
        try:
            identity = read_session(token, messenger.settings, now=utc_now())
        except IdentityError as error:
            raise unauthorized(str(error)) from error
        return self.visiting(messenger, identity)

    async def of_headers(self, app_key: str, headers: Mapping[str, str]) -> Visiting:
        """Whom the `Authorization` header stands for, on a page that may show the messenger."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("send the header `Authorization: Bearer SESSION`")
        visiting = await self.of_session(app_key, token.strip())
        visiting.messenger.check(headers.get("origin"))
        return visiting

    def visiting(self, messenger: Messenger, identity: Identity) -> Visiting:
        """Somebody whose identity was proved."""
        actor = Actor(kind="person", name=identity.name_here)
        acting = AppActing(self._chaskiq.store, messenger.app_key, actor)
        return Visiting(acting=acting, messenger=messenger, identity=identity)


def visitor_of(identity: Identity, messenger: Messenger, *, was: str | None = None) -> Visitor:
    """An identity as the desk knows it."""
    return Visitor(
        provider="web",
        account=messenger.integration.stored.account,
        name=identity.name_here,
        is_user=bool(identity.user),
        was=was,
        shown_as=identity.name,
        email=identity.email,
        phone=identity.phone,
    )


def unauthorized(detail: str) -> HTTPException:
    """401, as a browser understands it."""
    return HTTPException(401, detail, headers={"www-authenticate": "Bearer"})
