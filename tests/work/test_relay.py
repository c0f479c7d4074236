"""The relay: whoever commits, listeners in every process hear each change, once; with Redis, without, while it dies."""

import logging
import time
from pathlib import Path

import anyio
import pytest

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.redis_bus import BUFFER_LENGTH, RedisBus
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.store import Store
from tests.harness.databases import Database, new_sqlite
from tests.harness.followers import following
from tests.harness.house_acts import an_app
from tests.harness.redis_server import RedisServer
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

on_postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BEFORE_A_LOOK_SECONDS = 2
"""Beside Redis the table is looked at less often than that."""


@on_postgres
async def test_what_one_process_commits_is_heard_in_all_over_redis(database: Database, redis: RedisServer) -> None:
    async with following(database) as other:
        app_id = await an_app(other.store)
    async with (
        following(database, app_id, redis_url=redis.url) as one,
        following(database, app_id, redis_url=redis.url) as two,
    ):
        await until_heard(redis, two.store.epoch, count=2)
        for n in range(20):
            await one.say(app_id, f"one {n}")
            await two.say(app_id, f"two {n}")
        said = [f"{who} {n}" for who in ("one", "two") for n in range(20)]
        for follower in (one, two):
            await follower.hears(*said, seconds=BEFORE_A_LOOK_SECONDS)

        assert sorted(one.heard) == sorted(two.heard) == sorted(said)
        assert [word for word in two.heard if word.startswith("one")] == said[:20]


@on_postgres
async def test_nothing_is_missed_while_redis_dies_and_comes_back(database: Database, redis: RedisServer) -> None:
    async with following(database) as other:
        app_id = await an_app(other.store)
    async with (
        following(database, app_id, redis_url=redis.url) as one,
        following(database, app_id, redis_url=redis.url) as two,
    ):
        said: list[str] = []

        async def talk(count: int) -> None:
            for _ in range(count):
                said.append(str(len(said)))
                await one.say(app_id, said[-1])

        await talk(50)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(talk, 200)
            await anyio.to_thread.run_sync(redis.kill)
        await two.hears(*said, seconds=3)
        await talk(50)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(talk, 200)
            await anyio.to_thread.run_sync(redis.start)
        await two.hears(*said, seconds=3)
        with redis.client() as client:
            client.flushall()
        await until_heard(redis, two.store.epoch, count=2)
        await talk(50)
        await two.hears(*said, seconds=BEFORE_A_LOOK_SECONDS)

        assert sorted(two.heard, key=int) == said
        assert one.heard == said


@on_postgres
async def test_without_redis_processes_read_the_table(database: Database) -> None:
    async with following(database) as other:
        app_id = await an_app(other.store)
        await other.say(app_id, "before anybody listened")
    async with following(database, app_id) as one, following(database) as two:
        await two.say(app_id, "from beside")

        await one.hears("from beside", seconds=3)
        assert one.heard == ["from beside"]


async def test_who_dropped_changes_tells_the_others_to_look(redis: RedisServer) -> None:
    sender, other = RedisBus(redis.url, "epoch"), RedisBus(redis.url, "epoch")
    heard: list[Published] = []
    gaps: list[None] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(other.hear, heard.append, lambda: gaps.append(None))
        await until_heard(redis, "epoch", count=1)
        for n in range(BUFFER_LENGTH + 1):
            sender.send(a_change(n))
        tasks.start_soon(sender.send_waiting)

        async def all_came() -> bool:
            return len(heard) == BUFFER_LENGTH

        await until(all_came)
        assert len(gaps) == 2  # once for the new connection, once for the change that had no room
        tasks.cancel_scope.cancel()
    await sender.close()
    await other.close()


async def test_two_installations_on_one_redis_do_not_mix(redis: RedisServer) -> None:
    ours, theirs = RedisBus(redis.url, "ours"), RedisBus(redis.url, "theirs")
    heard: list[Published] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ours.hear, heard.append, lambda: None)
        tasks.start_soon(ours.send_waiting)
        tasks.start_soon(theirs.send_waiting)
        await until_heard(redis, "ours", count=1)
        theirs.send(a_change(1))
        await theirs.flush()
        ours.send(a_change(2))

        async def ours_came() -> bool:
            return bool(heard)

        await until(ours_came)
        tasks.cancel_scope.cancel()
    await ours.close()
    await theirs.close()

    assert heard == [a_change(2)]


async def test_two_databases_have_two_epochs(store: Store, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with following(new_sqlite(tmp_path / "other")) as other:
        assert store.epoch != other.store.epoch


@on_postgres
async def test_a_message_that_is_none_of_ours_is_ignored_and_logged(
    database: Database, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with following(database) as other:
        app_id = await an_app(other.store)
    async with (
        following(database, app_id, redis_url=redis.url) as one,
        following(database, redis_url=redis.url) as two,
    ):
        epoch = two.store.epoch
        await until_heard(redis, epoch, count=2)
        junk = [b"", b"\xff\xfe", b"[]", b'{"app": 1}', b'{"app":"1"}', b"[" * 100_000]
        with caplog.at_level(logging.WARNING, "chaskiq.realtime"), redis.client() as client:
            for text in junk:
                client.publish(f"chaskiq:{epoch}:changes", text)
            await two.say(app_id, "still here")
            await one.hears("still here", seconds=BEFORE_A_LOOK_SECONDS)

    assert one.heard == ["still here"]
    assert sum("is none of ours" in record.getMessage() for record in caplog.records) == 2 * len(junk)


@on_sqlite
async def test_what_a_command_writes_beside_the_server_is_heard_in_order(database: Database) -> None:
    async with following(database) as other:
        app_id = await an_app(other.store)
    said = []
    async with following(database, app_id) as server:
        for n in range(5):
            async with following(database, owner=False) as command:
                said += [f"{n} command", f"{n} server"]
                await command.say(app_id, said[-2])
                await server.say(app_id, said[-1])  # at once: the file was not looked at yet
        async with following(database, owner=False) as command:
            said.append("last")
            await command.say(app_id, "last")
        await server.hears(*said)

        assert server.heard == said


async def test_a_process_on_either_database_hears_itself_at_once_and_once(store: Store, database: Database) -> None:
    app_id = await an_app(store)
    await store.close()
    async with following(database, app_id) as follower:
        for n in range(5):
            await follower.say(app_id, str(n))
        await anyio.lowlevel.checkpoint()
        assert follower.heard == ["0", "1", "2", "3", "4"]

        follower.relay.look_again()
        await follower.say(app_id, "end")
        await follower.hears("end")
        assert follower.heard == ["0", "1", "2", "3", "4", "end"]


async def test_sending_to_a_redis_that_is_away_neither_waits_nor_fails() -> None:
    bus = RedisBus("redis://127.0.0.1:1", "epoch")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bus.send_waiting)
        started = time.monotonic()
        for n in range(3 * BUFFER_LENGTH):
            bus.send(a_change(n))
        assert time.monotonic() - started < 1
        with anyio.fail_after(5):
            await bus.flush()
        tasks.cancel_scope.cancel()
    await bus.close()


def a_change(number: int) -> Published:
    return Published(
        app_id=AppId(1), stream="events", audience="agents", payload={"word": str(number)}, position=(0, number)
    )


async def until_heard(redis: RedisServer, epoch: str, *, count: int) -> None:
    """Wait until so many processes listen to Redis."""

    async def all_listen() -> bool:
        with redis.client() as client:
            [(_, listening)] = client.pubsub_numsub(f"chaskiq:{epoch}:changes")
            return int(listening) >= count

    await until(all_listen)
