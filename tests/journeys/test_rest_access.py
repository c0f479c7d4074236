"""Who may what over REST: tokens, roles, and two Apps that never see each other, for every route there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from chaskiq_core.desk import dead_letters, integrations, replay, staff
from chaskiq_core.desk.permissions import ACTS, Permission
from chaskiq_core.errors import UnknownOutcomeError
from chaskiq_core.model import RoleName
from chaskiq_core.staff.agents import disable_agent
from tests.harness.house import a_message
from tests.harness.server import RunningServer, add_colleague
from tests.harness.wait import until

pytestmark = pytest.mark.anyio
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

DOORS: dict[str, tuple[str, str]] = {
    "conversations.inbox": ("GET", "/conversations"),
    "conversations.start": ("POST", "/conversations"),
    "conversations.show": ("GET", "/conversations/{key}"),
    "conversations.parts": ("GET", "/conversations/{key}/parts"),
    "writing.reply": ("POST", "/conversations/{key}/parts"),
    "writing.edit": ("PATCH", "/conversations/{key}/parts/{part_key}"),
    "writing.delete": ("DELETE", "/conversations/{key}/parts/{part_key}"),
    "writing.typing": ("POST", "/conversations/{key}/typing"),
    "conversations.assign": ("POST", "/conversations/{key}/assign"),
    "conversations.close": ("POST", "/conversations/{key}/close"),
    "conversations.reopen": ("POST", "/conversations/{key}/reopen"),
    "conversations.snooze": ("POST", "/conversations/{key}/snooze"),
    "media.upload": ("POST", "/media"),
    "people.contacts": ("GET", "/app_users"),
    "people.add_contact": ("POST", "/app_users"),
    "people.contact": ("GET", "/app_users/{key}"),
    "people.change_contact": ("PATCH", "/app_users/{key}"),
    "integrations.integrations": ("GET", "/integrations"),
    "integrations.add": ("POST", "/integrations"),
    "integrations.integration": ("GET", "/integrations/{key}"),
    "integrations.calls": ("GET", "/integrations/{key}/calls"),
    "templates.whose_templates": ("GET", "/integrations/{key}/templates"),
    "integrations.change": ("PATCH", "/integrations/{key}"),
    "integrations.pause_integration": ("PATCH", "/integrations/{key}"),
    "integrations.resume_integration": ("PATCH", "/integrations/{key}"),
    "integrations.remove": ("DELETE", "/integrations/{key}"),
    "staff.list_agents": ("GET", "/agents"),
    "dead_letters.deliveries": ("GET", "/deliveries"),
    "dead_letters.retry": ("POST", "/deliveries/{key}/retry"),
    "dead_letters.confirm": ("POST", "/deliveries/{key}/confirm"),
    "dead_letters.cancel": ("POST", "/deliveries/{key}/cancel"),
    "dead_letters.inbound": ("GET", "/inbound"),
    "replay.replay_span": ("POST", "/inbound/replay"),
    "replay.replay_progress": ("GET", "/inbound/replays/{replay_id}"),
    "integrations.decide_unknown": ("PATCH", "/integrations/{key}"),
    "dead_letters.replay": ("POST", "/inbound/{item_id}/replay"),
}
"""Each act of the desk with its door."""
SIGNED = {"media.medium": ("GET", "/media/{signed}")}
"""Its address is signed and needs no token; `test_rest_media.py` goes through it."""
CLI_ONLY = {"staff.create_token", "staff.list_tokens", "staff.revoke_token", "dead_letters.webhook"}
OF_CONTACTS = {name for name, act in ACTS.items() if act.needs is Permission.TAKE_PART}
"""They are the web messenger's; `test_messenger_access.py` goes through them."""
OF_THE_TOKEN = {"staff.me"}
"""They have a door that names no App; `test_rest_me.py` goes through it."""
BODIES: dict[str, object] = {
    "writing.reply": {"text": "stolen"},
    "writing.edit": {"text": "stolen"},
    "conversations.assign": {"agent_id": None},
    "conversations.snooze": {"until": "2027-01-31T09:30:00Z"},
    "people.change_contact": {"name": "stolen"},
    "integrations.change": {"settings": {"secret_token": "stolen"}},
    "integrations.pause_integration": {"state": "paused"},
    "integrations.decide_unknown": {"on_unknown": "resend"},
    "replay.replay_span": {"since": "2026-01-31T09:30:00Z"},
    "integrations.resume_integration": {"state": "active"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loot:
    """Ids of Acme, in the hands of Evil's admin."""

    conversation: str
    contact: str
    integration: str
    delivery: str
    item: str
    part: str
    replay: str

    def url(self, act: str, path: str) -> str:
        """An act's path with these ids in it."""
        return path.format(key=self.of(act), item_id=self.item, replay_id=self.replay, part_key=self.part)

    def of(self, act: str) -> str:
        """The id that an act's path takes."""
        match act.partition(".")[0], act:
            case "conversations" | "writing", _:
                return self.conversation
            case "people", _:
                return self.contact
            case "integrations" | "templates", _:
                return self.integration
            case _, "dead_letters.replay":
                return self.item
            case _:
                return self.delivery


@pytest.fixture
async def loot(server: RunningServer) -> Loot:
    server.tiny.outbox.faults.append(UnknownOutcomeError("reset"))
    key = await server.customer_writes("Secret")
    answer = await server.call("POST", f"/conversations/{key}/parts", {"text": "Secret answer"})
    await server.hook(a_message(9, "bad", poison=True))
    await server.house.quiet()
    ann = server.house.ann
    return Loot(
        conversation=key,
        contact=(await server.call("GET", f"/conversations/{key}")).json()["main_participant"]["id"],
        integration=server.acme.integration,
        delivery=(await ann.read(dead_letters.deliveries, state="unknown")).items[0].delivery.id,
        item=(await ann.read(dead_letters.inbound)).items[0].id,
        part=answer.json()["key"],
        replay=(await ann.write(replay.replay_span, since=LONG_AGO)).id,
    )


def routes(server: RunningServer) -> Iterator[tuple[str, str]]:
    """Every REST route there is, as the documentation has it."""
    for path, methods in server.app.openapi()["paths"].items():
        if path.startswith("/api/v1/apps/{app_key}"):
            yield from ((method.upper(), path.removeprefix("/api/v1/apps/{app_key}")) for method in methods)


async def test_every_act_has_its_door_and_every_door_its_act(server: RunningServer) -> None:
    assert DOORS.keys() | SIGNED.keys() | CLI_ONLY | OF_THE_TOKEN | OF_CONTACTS == ACTS.keys()
    assert {*DOORS.values(), *SIGNED.values()} == set(routes(server))


async def test_no_door_opens_without_a_token_or_to_another_app_s(server: RunningServer, loot: Loot) -> None:
    before = await everything(server, loot)
    for act, (method, path) in DOORS.items():
        url = loot.url(act, path)
        body = BODIES.get(act, {})
        for headers in (
            {},
            {"authorization": "Bearer"},
            {"authorization": "Basic YTpi"},
            {"authorization": "Bearer x"},
        ):
            answer = await server.http.request(method, server.acme.path(url), json=body, headers=headers)
            assert answer.status_code == 401, (act, headers, answer.text)
            assert answer.headers["www-authenticate"].startswith("Bearer"), act

        foreign = await server.call(method, url, body, token=server.evil.token)
        assert foreign.status_code == 404, (act, foreign.text)

    assert await everything(server, loot) == before


async def test_no_door_finds_another_app_s_things_by_their_ids(server: RunningServer, loot: Loot) -> None:
    before = await everything(server, loot)
    for act, (method, path) in DOORS.items():
        if "{" in path:
            url = loot.url(act, path)
            answer = await server.call(method, url, BODIES.get(act), tenant=server.evil)
            assert answer.status_code == 404, (act, answer.text)
        elif method == "GET":
            for state in ("", "?state=unknown", "?state=done"):
                page = await server.call(method, path + state, tenant=server.evil)
                for stolen in (loot.conversation, loot.contact, loot.integration, loot.delivery, loot.item, "Secret"):
                    assert stolen not in page.text, act
    started = await server.call("POST", "/conversations", {"app_user_id": loot.contact}, tenant=server.evil)
    mine = (await server.call("POST", "/app_users", {"name": "Mine"}, tenant=server.evil)).json()["id"]
    through = await server.call(
        "POST", "/conversations", {"app_user_id": mine, "integration_id": loot.integration}, tenant=server.evil
    )
    given = await server.call(
        "POST", "/conversations", {"app_user_id": mine, "assignee_id": server.acme.admin}, tenant=server.evil
    )

    assert (started.status_code, through.status_code, given.status_code) == (404, 404, 404)
    assert await everything(server, loot) == before


async def test_a_revoked_token_and_one_of_a_disabled_agent_open_nothing(server: RunningServer) -> None:
    _, bobs = await add_colleague(server, RoleName.AGENT, email="bob@example.org")
    _, cids = await add_colleague(server, RoleName.AGENT, email="cid@example.org")
    assert (await server.call("GET", "/conversations", token=bobs)).status_code == 200
    assert (await server.call("GET", "/conversations", token=cids)).status_code == 200

    [token] = [one for one in await server.house.ann.read(staff.list_tokens) if one.agent == "bob@example.org"]
    await server.house.ann.write(staff.revoke_token, str(token.id))
    await server.chaskiq.store.house_write(disable_agent, "cid@example.org")

    for token_text in (bobs, cids):

        async def refused(token_text: str = token_text) -> bool:
            return (await server.call("GET", "/conversations", token=token_text)).status_code == 401

        await until(refused, seconds=5)


async def test_a_role_that_does_not_include_it_is_403(server: RunningServer, loot: Loot) -> None:
    _, bobs = await add_colleague(server, RoleName.AGENT, email="bob@example.org")

    wrong = {"provider": "tiny", "settings": {"colour": "red"}}  # what is wrong with it is none of his business

    async def bob(act: str) -> httpx.Response:
        method, path = DOORS[act]
        url = loot.url(act, path)
        return await server.call(method, url, BODIES.get(act, wrong), token=bobs)

    for act in DOORS:
        if act.startswith("integrations.") and act not in ("integrations.integrations", "integrations.integration"):
            assert (await bob(act)).status_code == 403, act
    for act in ("dead_letters.inbound", "dead_letters.replay", "dead_letters.deliveries", "replay.replay_span"):
        assert (await bob(act)).status_code == 403, act
    assert (await bob("writing.reply")).status_code == 201
    assert (await bob("integrations.integrations")).status_code == 200


async def everything(server: RunningServer, loot: Loot) -> list[object]:
    """What Acme has, as its admin sees it."""
    paths = (
        f"/conversations/{loot.conversation}",
        f"/conversations/{loot.conversation}/parts",
        f"/app_users/{loot.contact}",
        f"/integrations/{loot.integration}",
        "/deliveries?state=unknown",
        "/inbound",
    )
    shown = [(await server.call("GET", path)).json() for path in paths]
    return [*shown, await server.house.ann.read(integrations.integrations)]
