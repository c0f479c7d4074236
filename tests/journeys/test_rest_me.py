"""Who the caller is, and whom a conversation can be given to."""

import pytest

from chaskiq_core.desk import staff
from chaskiq_core.errors import ForbiddenError
from chaskiq_core.model import RoleName
from chaskiq_core.staff.agents import disable_agent
from tests.harness.server import RunningServer, add_colleague

pytestmark = pytest.mark.anyio

ME = "/api/v1/me"


async def test_a_token_tells_its_agent_and_its_app(server: RunningServer) -> None:
    found = {}
    for tenant in (server.acme, server.evil):
        answer = await server.http.get(ME, headers={"authorization": f"Bearer {tenant.token}"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        found[tenant.app_key] = answer.json()

    assert found[server.acme.app_key] == {
        "app_key": server.acme.app_key,
        "app_name": "Acme",
        "agent": {
            "id": server.acme.admin,
            "kind": "agent",
            "name": "Ann",
            "email": "ann@example.org",
            "avatar_url": None,
        },
    }
    assert found[server.evil.app_key]["agent"]["name"] == "Eve"


async def test_no_token_and_a_wrong_one_are_401(server: RunningServer) -> None:
    for headers in ({}, {"authorization": "Bearer"}, {"authorization": "Bearer x"}, {"authorization": "Basic YTpi"}):
        answer = await server.http.get(ME, headers=headers)

        assert answer.status_code == 401, headers
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_only_an_agent_is_somebody(server: RunningServer) -> None:
    with pytest.raises(ForbiddenError):
        await server.house.system.read(staff.me)


async def test_agents_are_listed_with_who_is_locked_out(server: RunningServer) -> None:
    bob, bobs_token = await add_colleague(server, RoleName.AGENT, email="bob@example.org")
    await add_colleague(server, RoleName.AGENT, email="cid@example.org")
    await server.chaskiq.store.house_write(disable_agent, "cid@example.org")

    page = (await server.call("GET", "/agents", token=bobs_token)).json()

    assert page["next"] is None
    by_email = {agent["email"]: agent for agent in page["items"]}
    assert by_email["bob@example.org"] == {
        "id": str(bob),
        "kind": "agent",
        "name": "bob",
        "email": "bob@example.org",
        "avatar_url": None,
        "role": "agent",
        "disabled": False,
    }
    assert by_email["cid@example.org"]["disabled"] is True
    assert [agent["kind"] for agent in page["items"]].count("bot") == 1
    assert "eve@example.org" not in by_email


async def test_the_documentation_has_both(server: RunningServer) -> None:
    paths = (await server.http.get("/openapi.json")).json()["paths"]

    assert ME in paths
    assert "/api/v1/apps/{app_key}/agents" in paths
    assert "parameters" not in paths[ME]["get"]
