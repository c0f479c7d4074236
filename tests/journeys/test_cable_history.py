"""The extended protocol: whoever was away hears what was said meanwhile, from any process, and nobody else's."""

import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

import anyio
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from chaskiq_core.desk import staff
from chaskiq_core.model import Change, RoleName
from chaskiq_core.realtime.memory_bus import QUEUE_LENGTH
from chaskiq_core.store.unit import HouseUnit, Unit
from chaskiq_server.cable.rounds import Pace
from tests.harness.cable import EVENTS, EXTENDED, CableClient, cable
from tests.harness.databases import Database
from tests.harness.redis_server import RedisServer
from tests.harness.server import RunningServer, add_colleague, another_server, running_server

pytestmark = pytest.mark.anyio

QUICK = Pace(ping_seconds=0.05, recheck_seconds=0.05, send_seconds=1)
CONFIRMED = {"identifier": EVENTS, "type": "confirm_history"}
REJECTED = {"identifier": EVENTS, "type": "reject_history"}


def publish(unit: Unit, word: str) -> None:
    unit.publish("events", audience="agents", payload={"type": "notification", "data": word})


async def say(server: RunningServer, *words: str) -> None:
    for word in words:
        await server.house.system.write(publish, word)


async def hear_word(client: CableClient) -> str:
    message = (await client.hear())["message"]
    assert isinstance(message, dict)
    return str(message["data"])


class Listener:
    """A client that comes again and again, with what it heard so far and where it was."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.place: dict[str, object] = {}
        self.stream_id = ""

    @property
    def history(self) -> dict[str, object]:
        return {"streams": {self.stream_id: self.place}} if self.place else {"since": 0}

    def note(self, heard: Mapping[str, object]) -> None:
        message = heard["message"]
        assert isinstance(message, dict)
        self.words.append(str(message["data"]))
        self.stream_id = str(heard["stream_id"])
        self.place = {"epoch": heard["epoch"], "offset": heard["offset"]}

    async def listen_until(self, url: str, word: str | None = None, *, messages: int = 1_000_000) -> None:
        """Connect, resume, and hear up to a word or a number of messages."""
        async with cable(url, extended=True) as client:
            await client.subscribe(history=self.history if self.place else None)
            while messages and word not in self.words:
                heard = await client.hear()
                if "message" in heard:
                    self.note(heard)
                    messages -= 1
                else:
                    assert heard == CONFIRMED
            client.socket.transport.abort()


@asynccontextmanager
async def a_listener(server: RunningServer) -> AsyncIterator[Listener]:
    """One that has heard one word."""
    listener = Listener()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.listen_until, server.cable_url(), "first")
        while not listener.words:
            await say(server, "first")
            await anyio.sleep(0.01)
    yield listener


async def test_a_message_names_its_place(server: RunningServer) -> None:
    own = json.dumps({"channel": "AgentChannel"})
    async with cable(server.cable_url(), extended=True) as client:
        assert client.socket.subprotocol == "actioncable-v1-ext-json"
        await client.subscribe()
        await client.say("pong", "")
        await say(server, "one", "two")
        one, two = await client.hear(), await client.hear()
        await client.subscribe(own)

    assert one["stream_id"] == two["stream_id"] == f"events:{server.acme.app_key}"
    assert isinstance(one["epoch"], str)
    assert one["epoch"] == two["epoch"] != ""
    assert isinstance(one["offset"], int)
    assert isinstance(two["offset"], int)
    assert one["offset"] < two["offset"] < 2**53


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_on_sqlite_each_is_heard_once_and_in_order_however_often_the_connection_is_cut(
    server: RunningServer,
) -> None:
    random.seed(5)
    said = [str(n) for n in range(300)]
    async with a_listener(server) as listener, anyio.create_task_group() as tasks:
        listener.words.clear()
        tasks.start_soon(say, server, *said)
        while len(listener.words) < len(said):
            left = len(said) - len(listener.words)
            await listener.listen_until(server.cable_url(), messages=min(left, random.randrange(1, 30)))

    heard = [word for word in listener.words if word != "first"]
    assert heard == said[: len(heard)]
    assert len(heard) >= len(said) - listener.words.count("first")


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_on_postgres_none_is_missed_however_many_write_and_wherever_the_client_comes_back(
    database: Database, redis: RedisServer
) -> None:
    random.seed(5)
    said = [f"{writer}/{n}" for writer in range(8) for n in range(60)]
    async with (
        running_server(database, redis_url=redis.url) as server,
        another_server(database, redis_url=redis.url) as other,
        a_listener(server) as listener,
    ):
        urls = [server.cable_url(), server.cable_url().replace(server.url[4:], other[4:])]
        async with anyio.create_task_group() as tasks:
            for writer in range(8):
                tasks.start_soon(say, server, *said[writer * 60 : writer * 60 + 60])
            for turn in range(6):
                await listener.listen_until(urls[turn % 2], messages=random.randrange(1, 100))
        await say(server, "end")
        await listener.listen_until(urls[1], "end")

    assert set(said) <= set(listener.words)


async def test_without_a_place_it_is_since_a_time(server: RunningServer, database: Database) -> None:
    await say(server, "old")
    await server.chaskiq.store.house_write(age, 60)
    await say(server, "young")
    now = 1e10
    async with cable(server.cable_url(), extended=True) as client:
        await client.subscribe(history={"since": await now_of(server) - 30, "streams": {}})
        assert await hear_word(client) == "young"
        assert await client.hear() == CONFIRMED
    async with cable(server.cable_url(), extended=True) as client:
        await client.subscribe(history={"since": now, "streams": {}})
        assert await client.hear() == CONFIRMED


async def test_history_that_is_not_known_or_not_the_subscription_s_is_rejected(server: RunningServer) -> None:
    async with a_listener(server) as listener:
        pass
    place, mine = listener.place, listener.stream_id
    theirs = f"events:{server.evil.app_key}"
    refused: list[object] = [
        {"streams": {mine: {**place, "offset": cast(int, place["offset"]) + 1_000}}},
        {"streams": {mine: {**place, "offset": 0}}},
        {"streams": {mine: {**place, "epoch": "another"}}},
        {"streams": {mine: {"offset": place["offset"]}}},
        {"streams": {mine: {**place, "offset": str(place["offset"])}}},
        {"streams": {mine: {**place, "offset": True}}},
        {"streams": {mine: {**place, "offset": 2**63}}},
        {"streams": {mine: []}},
        {"streams": {theirs: place}},
        {"streams": {mine: place, theirs: place}},
        {"streams": {f"{mine}-{server.acme.admin}": place}},
        {"streams": [mine]},
        {"since": await now_of(server) - 3_600},
        {"since": -1},
        {"since": 2**60},
        {"since": "now"},
    ]
    for history in refused:
        async with cable(server.cable_url(), extended=True) as client:
            await client.subscribe(history=history)
            assert await client.hear() == REJECTED, history
            await say(server, "live")
            assert await hear_word(client) == "live"


async def test_another_app_s_place_brings_nothing(server: RunningServer) -> None:
    async with a_listener(server) as listener:
        pass
    await say(server, "secret")
    stolen = {"streams": {f"events:{server.evil.app_key}": listener.place}}
    forged = json.dumps({"channel": "EventsChannel", "app": server.acme.app_key})
    async with cable(server.cable_url(server.evil), extended=True) as eve:
        await eve.subscribe(history=stolen)
        assert await eve.hear() == REJECTED
        await eve.subscribe(
            json.dumps({"channel": "EventsChannel", "n": 1}), history={"since": await now_of(server) - 9}
        )
        assert (await eve.hear())["type"] == "confirm_history"
        await eve.say("subscribe", forged, history=listener.history)
        assert await eve.hear() == {"identifier": forged, "type": "reject_subscription"}
        await eve.say("history", forged, history=listener.history)
        assert await eve.hear() == {"identifier": forged, "type": "reject_history"}


async def test_history_can_be_asked_for_later(server: RunningServer) -> None:
    async with a_listener(server) as listener:
        pass
    await say(server, "missed")
    async with cable(server.cable_url(), extended=True) as client:
        await client.subscribe()
        await client.say("history", EVENTS, history=listener.history)
        words = []
        while (heard := await client.hear()) != CONFIRMED:
            listener.note(heard)
            words = listener.words
        assert words[-1] == "missed"
        await client.say("history", EVENTS)
        assert await client.hear() == REJECTED


async def test_a_long_absence_is_told_in_full(server: RunningServer) -> None:
    async with a_listener(server) as listener:
        pass
    said = [str(n) for n in range(2 * QUEUE_LENGTH)]
    await server.house.system.write(publish_all, tuple(said))

    await listener.listen_until(server.cable_url(), said[-1])

    assert [word for word in listener.words if word != "first"] == said


async def test_a_token_that_is_revoked_does_not_resume(database: Database) -> None:
    async with running_server(database, pace=QUICK) as server, a_listener(server) as listener:
        _, bobs = await add_colleague(server, RoleName.AGENT, email="bob@example.org")
        url = server.cable_url(token=bobs)
        async with cable(url, extended=True) as client:
            await client.subscribe(history=listener.history)
            while await client.hear() != CONFIRMED:
                pass
            [token] = [one for one in await server.house.ann.read(staff.list_tokens) if one.agent == "bob@example.org"]
            await server.house.ann.write(staff.revoke_token, str(token.id))
            refused = {"type": "disconnect", "reason": "unauthorized", "reconnect": False}
            assert await client.hear() == refused
            assert await client.ends() == 1000
        async with cable(url, extended=True, welcome=False) as client:
            await client.say("subscribe", EVENTS, history=listener.history)
            assert await client.hear() == refused


async def test_the_protocol_that_the_client_likes_best_is_spoken(server: RunningServer) -> None:
    basic, extended, other = (
        Subprotocol(name) for name in ("actioncable-v1-json", "actioncable-v1-ext-json", "actioncable-v1-ext-msgpack")
    )
    for offered, spoken in (
        ((basic, extended), basic),
        ((extended, basic), extended),
        ((other, extended, basic), extended),
        ((other, basic), basic),
    ):
        async with connect(server.cable_url(), subprotocols=offered, proxy=None) as socket:
            assert socket.subprotocol == spoken


async def test_connections_of_a_process_and_of_a_token_are_bounded(database: Database) -> None:
    pace = Pace(max_connections=3, max_connections_of_a_token=2)
    async with (
        running_server(database, pace=pace) as server,
        cable(server.cable_url()) as one,
        cable(server.cable_url()),
    ):
        async with cable(server.cable_url(), welcome=False) as third:
            reason = "too_many_connections_of_one_token"
            assert await third.hear() == {"type": "disconnect", "reason": reason, "reconnect": False}
            assert await third.ends() == 1000
        async with cable(server.cable_url(server.evil)), cable(server.cable_url(server.evil), welcome=False) as fourth:
            assert await fourth.hear() == {"type": "disconnect", "reason": "too_many_connections", "reconnect": True}
        await one.subscribe()
        await say(server, "still served")
        assert await hear_word(one) == "still served"


def publish_all(unit: Unit, words: tuple[str, ...]) -> None:
    for word in words:
        publish(unit, word)


def age(house: HouseUnit, seconds: int) -> None:
    house.change(
        house.update(Change).values(created_at=house.now - timedelta(seconds=seconds)).prefix_with("/* house */")
    )


async def now_of(server: RunningServer) -> float:
    """The house's time, in seconds since 1970."""
    return await server.chaskiq.store.house_read(seconds_now)


def seconds_now(house: HouseUnit) -> float:
    return house.now.timestamp()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_slow_reader_is_told_so_and_resumes(server: RunningServer) -> None:
    said = [f"{n} {'x' * 50_000}" for n in range(2 * QUEUE_LENGTH)]
    async with a_listener(server) as listener:
        listener.words.clear()
    slow = connect(server.cable_url(), subprotocols=EXTENDED, proxy=None, max_queue=1)
    async with slow as socket:
        client = CableClient(socket)
        await client.hear()
        await client.subscribe(history=listener.history)
        await say(server, *said)
        while (heard := await client.hear()).get("type") != "disconnect":
            if "message" in heard:
                listener.note(heard)
        assert heard == {"type": "disconnect", "reason": "too_slow", "reconnect": True}
        assert await client.ends() == 1000
        socket.transport.abort()
    assert 0 < len(listener.words) < len(said)

    await listener.listen_until(server.cable_url(), said[-1])

    assert [word for word in listener.words if word != "first"] == said
