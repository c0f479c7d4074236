"""A change is encoded once, however many listen, and a position that comes again brings no old payload."""

import json

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.realtime.streams import Published
from chaskiq_server.cable.feed import MAX_KEPT, Feed


def a_change(app_id: int, data: object, *, position: int = 1) -> Published:
    return Published(
        app_id=AppId(app_id),
        stream="events",
        audience="agents",
        payload={"type": "notification", "data": data},
        position=(0, position),
    )


def test_a_change_is_encoded_once() -> None:
    feed = Feed(MemoryBus())
    change = a_change(1, "Grüße")

    assert feed.encode(change) is feed.encode(change)
    assert json.loads(feed.encode(change)) == change.payload


def test_a_position_that_comes_again_brings_no_old_payload() -> None:
    feed = Feed(MemoryBus())
    feed.encode(a_change(1, "of Acme"))

    assert "of Evil" in feed.encode(a_change(2, "of Evil"))


def test_no_more_than_the_latest_are_kept() -> None:
    feed = Feed(MemoryBus())
    changes = [a_change(1, n, position=n) for n in range(MAX_KEPT + 10)]
    first = feed.encode(changes[0])
    for change in changes:
        feed.encode(change)

    assert feed.encode(changes[0]) == first
    assert feed.encode(changes[0]) is not first
