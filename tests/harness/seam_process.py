"""A process to be killed: stores webhooks that it reads from its input, says when they are kept, and works on lanes.

    python -m tests.harness.seam_process URL APP_ID INTEGRATION_ID [--no-worker] [--suicidal SEED]

A line of input is `KEY LANE`; a line of output is `kept KEY`. A suicidal one kills itself somewhere in its work.
"""

import os
import random
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import anyio

from chaskiq_core.model import (
    Conversation,
    ConversationChannel,
    ConversationPart,
    InboundItem,
    InboundRequest,
    ItemState,
    LaneKind,
    PartSource,
)
from chaskiq_core.model.ids import AppId, ConversationId, IntegrationId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane, held_lanes
from chaskiq_core.store.ledgers import Arrival, ArrivedItem
from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.sqlite_store import SqliteStore
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from chaskiq_core.work.local_dispatcher import LocalDispatcher
from chaskiq_core.work.turn import Turn
from chaskiq_core.work.worker import LanePlan, Worker
from tests.harness.house_acts import a_part, start

LEASE = timedelta(seconds=1)


class LostLaneError(Exception):
    """Another worker took the lane over: what was done is undone."""


def an_arrival(store: Store, app_id: AppId, integration_id: IntegrationId, key: str, lane: str) -> Arrival:
    return Arrival(
        app_id=app_id,
        id=store.clock.next_id(),
        integration_id=integration_id,
        account="acme",
        method="POST",
        headers={},
        query="",
        body=key.encode(),
        received_at=utc_now(),
        items=(ArrivedItem(id=store.clock.next_id(), dedupe_key=key, lane_key=lane, path=""),),
    )


def drain_lanes(unit: Unit, lanes: tuple[ClaimedLane, ...]) -> int:
    """What `inbound` will do, in small: each pending item of each lane becomes a part of the lane's conversation."""
    done = 0
    for lane in lanes:
        items = unit.all(
            unit.select(InboundItem)
            .where(InboundItem.lane_key == lane.key, InboundItem.state == ItemState.PENDING)
            .order_by(InboundItem.id)
            .limit(16)
        )
        for item in items:
            body = unit.all(unit.select(InboundRequest.body).where(InboundRequest.id == item.request_id))[0]
            _add_part_once(unit, item, (body or b"").decode())
            item.state = ItemState.DONE
            done += 1
        if not held_lanes(unit, [lane], lease=LEASE):
            raise LostLaneError(lane.key)
    return done


def _add_part_once(unit: Unit, item: InboundItem, text: str) -> None:
    conversation = _find_or_start(unit, item)
    conversation.last_seq += 1
    part = a_part(unit, conversation, text)
    unit.add(part)
    unit.flush()
    unit.claim(
        PartSource(
            app_id=unit.app_id,
            id=unit.new_id(),
            part_id=part.id,
            integration_id=item.integration_id,
            provider="test",
            account=item.account,
            message_key=item.dedupe_key,
            external_id=item.dedupe_key,
        ),
        on=("app_id", "account", "message_key"),
    )


def _find_or_start(unit: Unit, item: InboundItem) -> Conversation:
    channel = unit.first(
        unit.select(ConversationChannel).where(
            ConversationChannel.integration_id == item.integration_id,
            ConversationChannel.channel_id == item.lane_key,
            ConversationChannel.current,
        )
    )
    if channel is None:
        conversation_id = start(unit, item.lane_key)
        unit.flush()
        channel = ConversationChannel(
            app_id=unit.app_id,
            id=unit.new_id(),
            conversation_id=conversation_id,
            integration_id=item.integration_id,
            provider="test",
            channel_id=item.lane_key,
            thread_id="",
            is_group=False,
            current=True,
            created_at=unit.now,
        )
        unit.add(channel)
        unit.flush()
    statement = unit.select(Conversation).where(Conversation.id == ConversationId(channel.conversation_id))
    return unit.lock(statement)[0]


def parts_by_lane(unit: Unit) -> dict[str, list[str]]:
    """The texts of each lane's conversation, in order."""
    channels = {c.conversation_id: c.channel_id for c in unit.all(unit.select(ConversationChannel))}
    parts = unit.all(unit.select(ConversationPart).order_by(ConversationPart.conversation_id, ConversationPart.seq))
    lanes: dict[str, list[str]] = {}
    for part in parts:
        lanes.setdefault(channels[part.conversation_id], []).append(part.text)
    return lanes


def open_items(unit: Unit) -> int:
    return len(unit.all(unit.select(InboundItem).where(InboundItem.state == ItemState.PENDING)))


async def main(url: str, app_id: AppId, integration_id: IntegrationId, *, works: bool, seed: int | None) -> None:
    chance = random.Random(seed)
    dispatcher = LocalDispatcher()
    store = (
        SqliteStore(Path(url.removeprefix("sqlite:///")), on_commit=lambda c: dispatcher.wake(c.woken))
        if url.startswith("sqlite")
        else PostgresStore(url, on_commit=lambda c: dispatcher.wake(c.woken))
    )
    await store.open()

    async def drain(lanes: Sequence[ClaimedLane], turn: Turn) -> None:
        if seed is not None and chance.random() < 0.05:
            os.kill(os.getpid(), signal.SIGKILL)
        await store.acting(lanes[0].app_id).write(drain_lanes, tuple(lanes))
        if seed is not None and chance.random() < 0.05:
            os.kill(os.getpid(), signal.SIGKILL)

    async def keep(key: str, lane: str) -> None:
        await store.append(an_arrival(store, app_id, integration_id, key, lane))
        print("kept", key, flush=True)  # noqa: T201

    worker = Worker(
        store,
        dispatcher,
        {LaneKind.INBOUND: LanePlan(drain=drain, batch=4, drains=2, lease=LEASE)},
        look_seconds=0.1,
    )
    print("ready", flush=True)  # noqa: T201
    async with anyio.create_task_group() as tasks:
        if works:
            tasks.start_soon(worker.run)
        async with await anyio.open_file(sys.stdin.fileno()) as lines:
            async for line in lines:
                key, lane = line.split()
                tasks.start_soon(keep, key, lane)
        worker.stop()
    await store.close()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    suicidal = int(arguments[arguments.index("--suicidal") + 1]) if "--suicidal" in arguments else None
    anyio.run(
        lambda: main(
            arguments[0],
            AppId(int(arguments[1])),
            IntegrationId(int(arguments[2])),
            works="--no-worker" not in arguments,
            seed=suicidal,
        )
    )
