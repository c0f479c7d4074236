"""Apps, agents and tokens from the command line, on both databases."""

import anyio
import pytest
from argon2 import PasswordHasher

from chaskiq_core.model import Agent
from chaskiq_core.secrets import hash_token
from chaskiq_core.staff.tokens import SignedIn, sign_in
from chaskiq_core.store.unit import HouseUnit
from tests.harness.command_line import chaskiq
from tests.harness.databases import Database


@pytest.fixture
def app(on_each: Database) -> str:
    """An App's key."""
    return str(chaskiq("apps", "create", "--name", "Acme").document["key"])


def an_agent(app: str, *more: str, email: str = "ann@example.org", stdin: str = "") -> dict[str, object]:
    created = chaskiq(
        "agents", "create", "--app", app, "--email", email, "--name", "Ann", "--role", "admin", *more, stdin=stdin
    )
    return dict(created.document)


def test_an_app_is_created_and_listed(on_each: Database) -> None:
    created = chaskiq("apps", "create", "--name", " Acme ").document

    assert created["name"] == "Acme"
    assert chaskiq("apps", "list").listed == [created]
    assert chaskiq("apps", "list", "--json").listed == [created]


def test_an_app_comes_with_its_bot(app: str) -> None:
    [bot] = chaskiq("agents", "list", "--app", app).listed

    assert (bot["role"], bot["name"]) == ("bot", "Acme bot")


def test_an_agent_is_created_listed_and_disabled(app: str) -> None:
    created = an_agent(app, email="Ann@Example.org")
    listed = chaskiq("agents", "list", "--app", app).listed[-1]
    disabled = chaskiq("agents", "disable", "ann@example.org").document

    assert created == {"id": listed["id"], "email": "ann@example.org"}
    assert (listed["name"], listed["role"], listed["disabled"]) == ("Ann", "admin", False)
    assert disabled == {"email": "ann@example.org", "disabled": True}
    assert chaskiq("agents", "list", "--app", app).listed[-1]["disabled"] is True


def test_a_password_is_read_from_stdin_and_kept_as_its_hash(app: str, on_each: Database) -> None:
    an_agent(app, "--password-stdin", stdin="correct horse battery\n")

    kept = anyio.run(_password_hash, on_each)
    assert kept is not None
    assert PasswordHasher().verify(kept, "correct horse battery")


def test_without_a_password_an_agent_has_none(app: str, on_each: Database) -> None:
    an_agent(app)

    assert anyio.run(_password_hash, on_each) is None


def test_a_short_password_is_refused_and_not_shown(app: str) -> None:
    ended = chaskiq(
        "agents", "create", "--app", app, "--email", "a@b.c", "--name", "A", "--role", "agent", "--password-stdin",
        stdin="secret\n",
    )  # fmt: skip

    assert ended.code == 2
    assert ended.sentence == "--password-stdin: a password has 8 to 1000 characters"


def test_an_agent_twice_in_an_app_is_refused(app: str) -> None:
    an_agent(app)

    ended = chaskiq("agents", "create", "--app", app, "--email", "ann@example.org", "--name", "A", "--role", "agent")

    assert (ended.code, ended.sentence) == (1, "ann@example.org is an agent of this App already")


def test_an_agent_of_another_app_gets_a_role_and_keeps_the_password(app: str) -> None:
    ann = an_agent(app, "--password-stdin", stdin="correct horse battery\n")
    other = str(chaskiq("apps", "create", "--name", "Other").document["key"])
    line = ("agents", "create", "--app", other, "--email", "ann@example.org", "--name", "Ann", "--role", "agent")

    refused = chaskiq(*line, "--password-stdin", stdin="another password\n")

    assert refused.code == 1
    assert refused.sentence.startswith("ann@example.org is an agent of another App and keeps their password")
    assert chaskiq(*line).document == ann
    assert {one["role"] for one in chaskiq("agents", "list", "--app", other).listed} == {"bot", "agent"}


def test_a_token_signs_in_until_it_is_revoked(app: str, on_each: Database) -> None:
    agent = an_agent(app)
    token = str(chaskiq("tokens", "create", "--app", app, "--agent", "ann@example.org").document["token"])
    [listed] = chaskiq("tokens", "list", "--app", app).listed

    signed_in = anyio.run(_sign_in, on_each, token)
    assert signed_in is not None
    assert (signed_in.app_key, str(signed_in.agent_id)) == (app, agent["id"])
    assert (listed["agent"], listed["hint"], listed["revoked"]) == ("ann@example.org", token[-4:], False)
    assert token not in str(listed)

    assert chaskiq("tokens", "revoke", str(listed["id"])).document == {"id": listed["id"], "revoked": True}
    assert anyio.run(_sign_in, on_each, token) is None
    assert chaskiq("tokens", "list", "--app", app).listed[0]["revoked"] is True


def test_a_token_of_another_app_is_revoked_by_its_id_alone(app: str) -> None:
    other = str(chaskiq("apps", "create", "--name", "Other").document["key"])
    an_agent(app)
    an_agent(other, email="bob@example.org")
    for key, email in ((app, "ann@example.org"), (other, "bob@example.org")):
        chaskiq("tokens", "create", "--app", key, "--agent", email)
    [token] = chaskiq("tokens", "list", "--app", other).listed

    chaskiq("tokens", "revoke", str(token["id"]))

    assert [one["revoked"] for one in chaskiq("tokens", "list", "--app", app).listed] == [False]
    assert [one["revoked"] for one in chaskiq("tokens", "list", "--app", other).listed] == [True]


async def _password_hash(database: Database) -> str | None:
    def read(house: HouseUnit) -> str | None:
        return house.first(house.select(Agent.password_hash).where(Agent.email == "ann@example.org"))

    store = database.store(owner=False)
    await store.open()
    try:
        return await store.house_read(read)
    finally:
        await store.close()


async def _sign_in(database: Database, token: str) -> SignedIn | None:
    store = database.store(owner=False)
    await store.open()
    try:
        return await store.house_read(sign_in, hash_token(token))
    finally:
        await store.close()
