"""Who may what in the web messenger: sessions that prove nothing, other people's things, pages of other sites."""

import json

import pytest

from chaskiq_core.desk.permissions import ACTS, Permission
from tests.harness.cable import EVENTS, cable
from tests.harness.server import RunningServer
from tests.harness.web import IDENTITY_SECRET, Browser, a_browser, add_messenger, signed, site_jwt

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]
SITE = "https://www.example.com"
DOORS: dict[str, tuple[str, str]] = {
    "messenger.sign_in": ("POST", "/session"),
    "messenger.own_conversations": ("GET", "/conversations"),
    "messenger.begin": ("POST", "/conversations"),
    "messenger.own_parts": ("GET", "/conversations/{key}/parts"),
    "messenger.say": ("POST", "/conversations/{key}/parts"),
    "messenger.choose": ("POST", "/conversations/{key}/parts/{part_key}/choose"),
    "messenger.have_read": ("POST", "/conversations/{key}/read"),
    "messenger.write_soon": ("POST", "/conversations/{key}/typing"),
    "messenger.upload": ("POST", "/media"),
}
OF_THE_CABLE = {"messenger.own_stream"}
BODIES: dict[str, object] = {
    "messenger.begin": {"text": "stolen", "client_id": "1"},
    "messenger.say": {"text": "stolen"},
    "messenger.choose": {"option": "a"},
}


async def test_every_act_of_a_contact_has_its_door_and_every_door_its_act(server: RunningServer) -> None:
    acts = {name for name, act in ACTS.items() if act.needs is Permission.TAKE_PART}
    prefix = "/api/v1/messenger/{app_key}"
    routes = {
        (method.upper(), path.removeprefix(prefix))
        for path, methods in server.app.openapi()["paths"].items()
        if path.startswith(prefix)
        for method in methods
    }

    assert DOORS.keys() | OF_THE_CABLE == acts
    assert set(DOORS.values()) == routes


async def test_nothing_opens_without_a_session_or_to_another_contact_s(server: RunningServer) -> None:
    await add_messenger(server)
    await add_messenger(server, evil=True)
    owner, thief = await a_browser(server), await a_browser(server)
    foreign = Browser(server, server.evil)
    await foreign.open()
    key = await owner.begin("Mine")
    part = (await owner.parts(key))[0]["key"]
    await thief.begin("Hello")
    before = (await server.call("GET", f"/conversations/{key}/parts")).json()

    for act, (method, path) in DOORS.items():
        if act == "messenger.sign_in":
            continue
        url = path.format(key=key, part_key=part)
        body = {"part": part} if act == "messenger.have_read" else BODIES.get(act)
        for session in ("", "x", "a.b.c", owner.session[:-2] + "xx", foreign.session):
            asked = await Browser(server, server.acme, session).ask(method, url, body)
            assert asked.status_code in (401, 404), (act, asked.text)
        agent = await Browser(server, server.acme, server.acme.token).ask(method, url, body)
        assert agent.status_code == 401, act
        if "{key}" in path:
            assert (await thief.ask(method, url, body)).status_code == 404, act

    assert (await server.call("GET", f"/conversations/{key}/parts")).json() == before


async def test_a_session_opens_nothing_of_the_agents(server: RunningServer) -> None:
    await add_messenger(server)
    browser = await a_browser(server)
    key = await browser.begin("Hello")

    asked = await server.call("GET", f"/conversations/{key}", token=browser.session)
    assert asked.status_code == 401
    async with cable(browser.cable_url) as client:
        for channel in (EVENTS, json.dumps({"channel": "AgentChannel"}), json.dumps({"channel": "PresenceChannel"})):
            await client.say("subscribe", channel)
            assert (await client.hear())["type"] == "reject_subscription"


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        ({"email": "cora@example.org", "identifier_key": "0" * 64}, 401),
        ({"email": "cora@example.org", "identifier_key": "é"}, 401),
        ({"email": "cora@example.org"}, 422),
        ({"email": "nobody", "identifier_key": "0" * 64}, 401),
        ({"jwt": "a.b.c"}, 401),
        ({"jwt": "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImNvcmFAZXhhbXBsZS5vcmcifQ."}, 401),
        ({"jwt": site_jwt({"email": "cora@example.org"}, "another secret, which is long enough")}, 401),
        ({"jwt": site_jwt({"email": "cora@example.org"}, seconds=-120)}, 401),
        ({"jwt": site_jwt({"email": "cora@example.org"}, seconds=90_000)}, 401),
        ({"jwt": site_jwt({"email": "cora@example.org", "exp": "soon"})}, 401),
        ({"jwt": site_jwt({"name": "Cora"})}, 401),
        ({"jwt": site_jwt({"email": "cora@example.org"}), **signed("cora@example.org")}, 422),
    ],
)
async def test_a_proof_that_does_not_hold_makes_no_contact(
    server: RunningServer, proof: dict[str, object], status: int
) -> None:
    await add_messenger(server)
    browser = Browser(server, server.acme)

    answer = await browser.open(**proof)

    assert answer.status_code == status, answer.text
    assert "traceback" not in answer.text.lower()
    assert (await server.call("GET", "/app_users")).json()["items"] == []


async def test_a_session_is_no_jwt_of_a_site_and_a_jwt_is_no_session(server: RunningServer) -> None:
    await add_messenger(server)
    browser = await a_browser(server, **signed("cora@example.org"))

    as_jwt = await Browser(server, server.acme).open(jwt=browser.session)
    forged = site_jwt({"aud": "chaskiq-session", "sid": "1", "sub": "cora@example.org", "iss": "x"})
    as_session = await Browser(server, server.acme, forged).ask("GET", "/conversations")

    assert (as_jwt.status_code, as_session.status_code) == (401, 404)


async def test_pages_of_other_sites_and_a_paused_messenger_are_refused(server: RunningServer) -> None:
    key = await add_messenger(server, allowed_origins=SITE)
    browser = Browser(server, server.acme, origin=SITE)
    assert (await browser.open()).status_code == 200
    await browser.begin("Hello")

    preflight = await server.http.options(
        f"/api/v1/messenger/{server.acme.app_key}/session",
        headers={"origin": SITE, "access-control-request-method": "POST"},
    )
    stranger = Browser(server, server.acme, browser.session, origin="https://evil.example.com")
    refused = [await stranger.open(), await stranger.ask("GET", "/conversations")]
    await server.call("PATCH", f"/integrations/{key}", {"state": "paused"})
    paused = await Browser(server, server.acme, origin=SITE).open(integration=key)

    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in preflight.headers
    assert [answer.status_code for answer in refused] == [403, 403]
    assert paused.status_code in (200, 403)  # what was found is known for a second

    other = await server.http.get("/healthz", headers={"origin": SITE})
    assert "access-control-allow-origin" not in other.headers


async def test_an_app_without_a_messenger_says_how_to_have_one(server: RunningServer) -> None:
    answer = await Browser(server, server.acme).open()

    assert answer.status_code == 404
    assert "chaskiq integrations add web" in answer.json()["detail"]


async def test_secrets_of_the_messenger_are_shown_to_nobody(server: RunningServer) -> None:
    key = await add_messenger(server)
    browser = await a_browser(server, **signed("cora@example.org"))
    shown = (await server.call("GET", f"/integrations/{key}")).text + (await browser.open()).text

    assert IDENTITY_SECRET not in shown
