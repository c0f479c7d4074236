"""Wake-ups through a real Redis: heard by other processes, and by nobody else when it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from chaskiq_core.model import LaneKind
from chaskiq_core.work.taskiq_dispatcher import TaskiqDispatcher, redis_broker
from tests.harness.redis_server import RedisServer

pytestmark = pytest.mark.anyio

SOON_SECONDS = 20


@asynccontextmanager
async def a_dispatcher(
    redis: RedisServer, *, epoch: str = "here", listens: bool = False
) -> AsyncIterator[TaskiqDispatcher]:
    """One process's dispatcher."""
    dispatcher = TaskiqDispatcher(redis_broker(redis.url, epoch))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(dispatcher.send)
        if listens:
            tasks.start_soon(dispatcher.listen)
        yield dispatcher
        tasks.cancel_scope.cancel()
    await dispatcher.close()


async def woken(worker: TaskiqDispatcher, door: TaskiqDispatcher, kind: LaneKind = LaneKind.OUTBOUND) -> None:
    """Return once the worker has heard the door; a stream that was just made may not have it in yet."""
    with anyio.fail_after(SOON_SECONDS):
        heard = False
        while not heard:
            ticket = worker.ticket(kind)
            door.wake(frozenset({kind}))
            with anyio.move_on_after(1):
                await ticket.event.wait()
            heard = ticket.event.is_set()


async def test_a_worker_hears_what_another_process_commits(redis: RedisServer) -> None:
    async with a_dispatcher(redis, listens=True) as worker, a_dispatcher(redis) as door:
        await woken(worker, door)


async def test_the_process_itself_is_woken_without_redis(redis: RedisServer) -> None:
    async with a_dispatcher(redis) as door:
        redis.kill()
        ticket = door.ticket(LaneKind.INBOUND)

        door.wake(frozenset({LaneKind.INBOUND}))

        assert ticket.event.is_set()


async def test_only_the_kinds_that_were_named_are_woken(redis: RedisServer) -> None:
    async with a_dispatcher(redis, listens=True) as worker, a_dispatcher(redis) as door:
        await woken(worker, door, LaneKind.JOB)
        jobs, others = worker.ticket(LaneKind.JOB), worker.ticket(LaneKind.INBOUND)

        door.wake(frozenset({LaneKind.JOB}))
        with anyio.fail_after(SOON_SECONDS):
            await jobs.event.wait()

        assert not others.event.is_set()


async def test_two_installations_on_one_redis_do_not_wake_each_other(redis: RedisServer) -> None:
    async with (
        a_dispatcher(redis, epoch="here", listens=True) as ours,
        a_dispatcher(redis, epoch="there", listens=True) as theirs,
        a_dispatcher(redis, epoch="there") as door,
    ):
        ticket = ours.ticket(LaneKind.OUTBOUND)
        await woken(theirs, door)

        assert not ticket.event.is_set()


async def test_wake_ups_are_carried_again_after_redis_was_gone_and_came_back_empty(redis: RedisServer) -> None:
    async with a_dispatcher(redis, listens=True) as worker, a_dispatcher(redis) as door:
        await woken(worker, door)
        redis.kill()
        door.wake(frozenset({LaneKind.OUTBOUND}))
        redis.start()

        await woken(worker, door)
