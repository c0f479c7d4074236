"""A browser of the web messenger for tests: a session, and what is asked with it."""

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from chaskiq_core.desk import integrations
from tests.harness.server import RunningServer, Tenant

IDENTITY_SECRET = "the identity secret of a site, long enough"


@dataclass(slots=True)
class Browser:
    """Somebody on a page of a site."""

    server: RunningServer
    tenant: Tenant
    session: str = ""
    origin: str | None = None
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    async def open(self, **proof: object) -> httpx.Response:
        """Open a session, or come back with the one that was kept."""
        kept = {"session": self.session} if self.session else {}
        answer = await self.ask("POST", "/session", {**kept, **proof})
        if answer.status_code == 200:
            self.session = answer.json()["session"]
        return answer

    async def ask(
        self, method: str, path: str, json: object = None, *, params: Mapping[str, str | int] | None = None
    ) -> httpx.Response:
        """A request of this browser."""
        headers = {"authorization": f"Bearer {self.session}"} if self.session else {}
        if self.origin:
            headers["origin"] = self.origin
        url = f"/api/v1/messenger/{self.tenant.app_key}{path}"
        return await self.server.http.request(method, url, json=json, headers=headers, params=params)

    async def begin(self, text: str) -> str:
        """The key of a conversation that begins with these words."""
        answer = await self.ask("POST", "/conversations", {"text": text, "client_id": f"begin-{next(self._ids)}"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["conversation"]["key"])

    async def parts(self, key: str) -> list[dict[str, object]]:
        """What this browser sees of a conversation."""
        answer = await self.ask("GET", f"/conversations/{key}/parts")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, object]] = answer.json()["items"]
        return items

    @property
    def cable_url(self) -> str:
        """Where it connects."""
        return f"{self.server.url.replace('http', 'ws', 1)}/cable?app={self.tenant.app_key}&session={self.session}"


async def add_messenger(server: RunningServer, *, evil: bool = False, **settings: str) -> str:
    """A web messenger in Acme, or in the other App; its id."""
    tenant = server.evil if evil else server.acme
    given = {"identity_secret": IDENTITY_SECRET, **settings}
    sealed = server.chaskiq.seal_settings("web", given, hook_token=f"web-{tenant.app_key}-{time.time_ns()}")
    acting = server.chaskiq.acting(tenant.app_key, as_agent=tenant.admin)
    added = await acting.write(integrations.add, sealed, name="Web", install=False)
    return added.view.id


async def a_browser(server: RunningServer, **proof: object) -> Browser:
    """A browser with a session."""
    browser = Browser(server, server.acme)
    answer = await browser.open(**proof)
    assert answer.status_code == 200, answer.text
    return browser


def signed(email: str, **more: object) -> dict[str, object]:
    """The proof that a site gives of its user, by HMAC."""
    key = hmac.new(IDENTITY_SECRET.encode(), email.encode(), hashlib.sha256).hexdigest()
    return {"email": email, "identifier_key": key, **more}


def site_jwt(claims: Mapping[str, object], secret: str = IDENTITY_SECRET, *, seconds: float = 600) -> str:
    """The same by JWT."""
    return jwt.encode({"alg": "HS256"}, {"exp": int(time.time() + seconds), **claims}, OctKey.import_key(secret))
