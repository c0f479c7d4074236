"""The cable: agents hear what is committed in their App, once subscribed, and nobody else hears anything."""

import json
import logging

import anyio
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from chaskiq_core import Chaskiq
from chaskiq_core.desk import staff
from chaskiq_core.model import RoleName
from chaskiq_core.realtime.memory_bus import QUEUE_LENGTH
from chaskiq_core.realtime.streams import agent_stream
from chaskiq_core.staff.agents import disable_agent
from chaskiq_core.store.unit import Unit
from chaskiq_server.cable.connection import MAX_SUBSCRIPTIONS
from chaskiq_server.cable.protocol import MAX_COMMAND_BYTES
from chaskiq_server.cable.rounds import Pace
from tests.harness.cable import EVENTS, cable
from tests.harness.databases import Database
from tests.harness.house import a_message
from tests.harness.server import RunningServer, add_colleague, running_server
from tests.harness.tiny_channel import TinyChannel
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

UNAUTHORIZED = {"type": "disconnect", "reason": "unauthorized", "reconnect": False}
QUICK = Pace(ping_seconds=0.02, recheck_seconds=0.05, send_seconds=0.5)


async def test_a_subscribed_agent_hears_the_part_that_a_webhook_made(server: RunningServer) -> None:
    async with cable(server.cable_url()) as client:
        assert client.socket.subprotocol == "actioncable-v1-json"
        await client.subscribe()
        await server.hook(a_message(1, "Where is my order?"))
        heard = await client.hear()
        await server.house.quiet()

    key = (await server.house.conversation()).key
    [part] = (await server.call("GET", f"/conversations/{key}/parts")).json()["items"]
    said = {"type": "conversation_part", "data": {**part, "conversation_key": key}}
    assert heard == {"identifier": EVENTS, "message": said}


async def test_a_change_is_heard_with_the_conversation_s_growing_version(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    async with cable(server.cable_url()) as client:
        await client.subscribe()
        versions = []
        for verb in ("close", "reopen", "close"):
            await server.call("POST", f"/conversations/{key}/{verb}")
            while True:
                message = (await client.hear())["message"]
                assert isinstance(message, dict)
                if message["type"] == "conversations:update_state":
                    break
            versions.append(message["data"]["version"])
            assert message["data"]["state"] == ("opened" if verb == "reopen" else "closed")

    assert versions == sorted(set(versions))


async def test_identifiers_come_back_byte_for_byte_and_many_hear_the_same(server: RunningServer) -> None:
    odd = f'{{ "app" : "{server.acme.app_key}","channel":"EventsChannel", "é": "\\u00e9/" }}'
    async with cable(server.cable_url()) as one, cable(server.cable_url()) as other:
        await one.subscribe(odd)
        await other.subscribe()
        await server.hook(a_message(1, "Grüße 🙂"))
        heard = [await one.hear(), await other.hear()]

    assert [message["identifier"] for message in heard] == [odd, EVENTS]
    assert heard[0]["message"] == heard[1]["message"]


async def test_a_wrong_token_is_told_so_and_hears_nothing(server: RunningServer) -> None:
    url = server.cable_url()
    wrong = [
        server.cable_url(token="wrong"),
        server.cable_url(token=server.evil.token),
        server.cable_url(server.evil, token=server.acme.token),
        url.replace(server.acme.app_key, server.acme.app_key.swapcase()),
        url.replace(server.acme.app_key, "*"),
        url.partition("&")[0],
        url.partition("?")[0],
        f"{url.partition('?')[0]}?token={server.acme.token}",
        f"{url.partition('?')[0]}?app=%00&token=%00",
    ]
    for attempt in wrong:
        async with cable(attempt, welcome=False) as client:
            assert await client.hear() == UNAUTHORIZED, attempt
            assert await client.ends() == 1000


NOT_MINE: list[dict[str, object]] = [
    {"channel": "EventsChannel", "app": "OTHER"},
    {"channel": "EventsChannel", "app": None},
    {"channel": "EventsChannel", "app": ["ACME"]},
    {"channel": "eventschannel"},
    {"channel": "EventsChannel "},
    {"channel": "AgentChannel", "agent_id": "1"},
    {"channel": "AgentChannel", "agent_id": None},
    {"channel": "MessengerEventsChannel"},
    {"channel": "PresenceChannel"},
    {"channel": "RtcChannel"},
    {"channel": ["EventsChannel"]},
    {},
]


async def test_a_subscription_that_is_not_the_agent_s_is_rejected(server: RunningServer) -> None:
    identifiers = [
        json.dumps(one).replace("OTHER", server.evil.app_key).replace("ACME", server.acme.app_key) for one in NOT_MINE
    ]
    async with cable(server.cable_url()) as client:
        for identifier in [*identifiers, "", "EventsChannel", "[]", "[" * 900]:
            await client.say("subscribe", identifier)
            assert await client.hear() == {"identifier": identifier, "type": "reject_subscription"}
        await server.hook(a_message(1, "Secret"))
        await server.house.quiet()
        await client.subscribe()


async def test_an_agent_hears_what_is_theirs_alone_and_no_other_app_s(server: RunningServer) -> None:
    mine = json.dumps({"channel": "AgentChannel", "app": server.acme.app_key, "agent_id": server.acme.admin})
    bob, bobs = await add_colleague(server, RoleName.AGENT, email="bob@example.org")
    bobs_own = json.dumps({"channel": "AgentChannel", "app": server.acme.app_key})

    async with (
        cable(server.cable_url()) as ann,
        cable(server.cable_url(token=bobs)) as other,
        cable(server.cable_url(server.evil)) as eve,
    ):
        await ann.subscribe(mine)
        await other.subscribe(bobs_own)
        await eve.subscribe()
        await server.hook(a_message(1, "Secret"))
        await server.house.quiet()
        await server.house.system.write(notify, server.acme.admin, "for Ann")
        await server.house.system.write(notify, str(bob), "for Bob")
        await server.hook(a_message(1, "To Evil"), tenant=server.evil)
        heard = [await client.hear() for client in (ann, other, eve)]

    assert heard[0] == {"identifier": mine, "message": {"type": "notification", "data": "for Ann"}}
    assert heard[1] == {"identifier": bobs_own, "message": {"type": "notification", "data": "for Bob"}}
    assert "To Evil" in json.dumps(heard[2])


async def test_an_unsubscribed_agent_hears_no_more(server: RunningServer) -> None:
    mine = json.dumps({"channel": "AgentChannel"})
    async with cable(server.cable_url()) as client:
        await client.subscribe()
        await client.subscribe(mine)
        await client.say("subscribe", EVENTS)  # once more: no second confirmation
        await client.say("unsubscribe", EVENTS)
        await client.say("unsubscribe", "nothing")
        await client.say("message", mine, data='{"action": "typing"}')
        await client.say("whisper", mine)
        rejected = json.dumps({"channel": "PresenceChannel"})
        await client.say("subscribe", rejected)
        assert await client.hear() == {"identifier": rejected, "type": "reject_subscription"}
        await server.hook(a_message(1, "Unheard"))
        await server.house.quiet()
        await server.house.system.write(notify, server.acme.admin, "heard")

        assert await client.hear() == {"identifier": mine, "message": {"type": "notification", "data": "heard"}}


async def test_a_token_that_is_revoked_or_whose_agent_is_disabled_hears_no_more(database: Database) -> None:
    async with running_server(database, pace=QUICK) as server:
        _, bobs = await add_colleague(server, RoleName.AGENT, email="bob@example.org")
        _, cids = await add_colleague(server, RoleName.AGENT, email="cid@example.org")
        async with cable(server.cable_url(token=bobs)) as bob, cable(server.cable_url(token=cids)) as cid:
            await bob.subscribe()
            await cid.subscribe()
            [token] = [one for one in await server.house.ann.read(staff.list_tokens) if one.agent == "bob@example.org"]
            await server.house.ann.write(staff.revoke_token, str(token.id))
            await server.chaskiq.store.house_write(disable_agent, "cid@example.org")

            for client in (bob, cid):
                assert await client.hear() == UNAUTHORIZED
                assert await client.ends() == 1000


async def test_the_server_pings(database: Database) -> None:
    async with running_server(database, pace=QUICK) as server, cable(server.cable_url()) as client:
        with anyio.fail_after(10):
            pings = [json.loads(await client.socket.recv()) for _ in range(3)]

    assert [ping["type"] for ping in pings] == ["ping"] * 3
    assert all(isinstance(ping["message"], int) for ping in pings)


JUNK: list[str | bytes] = [
    "",
    "hello",
    "null",
    "[]",
    "7",
    '{"command": 7}',
    '{"identifier": "x"}',
    '{"command": "subscribe", "identifier": {"channel": "EventsChannel"}}',
    '{"command": "subscribe", "identifier": "' + "x" * 2_000 + '"}',
    "[" * 60_000,
    '{"command": "message", "identifier": "{}", "data": "' + "x" * MAX_COMMAND_BYTES + '"}',
    b"\x00\xff",
    b'{"command": "subscribe"}',
]


async def test_junk_ends_its_own_connection_only(server: RunningServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with cable(server.cable_url()) as bystander:
            await bystander.subscribe()
            for junk in JUNK:
                async with cable(server.cable_url()) as client:
                    await client.socket.send(junk)
                    ended = {"type": "disconnect", "reason": "invalid_request", "reconnect": False}
                    assert await client.hear() == ended, junk[:80]
                    assert await client.ends() == 1000
            async with cable(server.cable_url()) as client:
                await client.socket.send([b"\xff\xfe"], text=True)  # a text frame that is not UTF-8
                assert await client.ends() == 1007
            await server.hook(a_message(1, "Still there?"))
            assert "Still there?" in json.dumps(await bystander.hear())

    assert [record for record in caplog.records if record.exc_info] == []
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert server.acme.token not in logged
    assert "WEBSOCKET /cable 101" in logged


async def test_subscriptions_of_one_connection_are_bounded(server: RunningServer) -> None:
    async with cable(server.cable_url()) as client:
        for number in range(MAX_SUBSCRIPTIONS):
            await client.subscribe(json.dumps({"channel": "EventsChannel", "n": number}))
        await client.say("subscribe", EVENTS)

        assert await client.hear() == {"identifier": EVENTS, "type": "reject_subscription"}


async def test_a_client_that_takes_nothing_is_cut_off_and_others_hear_everything(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def is_cut_off() -> bool:
        return any(record.getMessage().startswith("WEBSOCKET /cable 101") for record in caplog.records)

    async with running_server(database, pace=QUICK) as server, cable(server.cable_url()) as quick:
        await quick.subscribe()
        with caplog.at_level(logging.INFO, logger="chaskiq.access"):
            async with connect(server.cable_url(), proxy=None, max_queue=1, compression=None) as slow:
                await slow.send(json.dumps({"command": "subscribe", "identifier": EVENTS}))
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(say_much, server, QUEUE_LENGTH)
                    for _ in range(QUEUE_LENGTH):
                        assert "message" in await quick.hear()
                await until(is_cut_off)
                slow.transport.abort()

    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_client_without_the_subprotocol_is_served_too(server: RunningServer) -> None:
    async with connect(server.cable_url(), proxy=None) as socket:
        assert json.loads(await socket.recv()) == {"type": "welcome"}
        assert socket.subprotocol is None
    ext = Subprotocol("actioncable-v1-ext-json")
    async with connect(
        server.cable_url(), subprotocols=[ext, Subprotocol("actioncable-v1-json")], proxy=None
    ) as socket:
        assert socket.subprotocol == "actioncable-v1-ext-json"


async def say_much(server: RunningServer, count: int) -> None:
    for _ in range(count):
        await server.house.system.write(publish_much)


def publish_much(unit: Unit) -> None:
    unit.publish("events", audience="agents", payload={"type": "notification", "data": "x" * 100_000})


def notify(unit: Unit, agent_id: str, text: str) -> None:
    unit.publish(agent_stream(agent_id), audience="agents", payload={"type": "notification", "data": text})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_a_command_does_beside_the_server_is_heard(server: RunningServer, database: Database) -> None:
    async with cable(server.cable_url()) as client:
        await client.subscribe()
        async with Chaskiq(server.chaskiq.settings, plugins={"tiny": TinyChannel()}, owner=False) as command:
            acting = command.acting(server.acme.app_key, as_system="command")
            await acting.write(publish_word, "from beside")

        assert (await client.hear())["message"] == {"type": "notification", "data": "from beside"}


def publish_word(unit: Unit, word: str) -> None:
    unit.publish("events", audience="agents", payload={"type": "notification", "data": word})
