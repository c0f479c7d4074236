"""A change becomes text once for all who listen under one identifier, and each protocol has its own."""

import json

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.realtime.streams import Published
from chaskiq_server.cable.feed import Feed, Topic
from chaskiq_server.cable.outbox import Message


def a_topic(identifier: str = "{}", *, epoch: str | None = None) -> Topic:
    return Topic(app_id=AppId(1), stream="events", identifier=identifier, stream_id="events:key", epoch=epoch)


def a_change(data: object, *, app_id: int = 1) -> Published:
    payload = {"type": "notification", "data": data}
    return Published(app_id=AppId(app_id), stream="events", audience="agents", payload=payload, position=(0, 7))


class Ear:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def hear(self, id_: int, message: Message) -> None:
        self.heard.append(message.text)


def test_all_who_gave_one_identifier_hear_the_very_same_text() -> None:
    bus = MemoryBus()
    feed, ears, odd, other = Feed(bus), [Ear() for _ in range(3)], Ear(), Ear()
    for ear in ears:
        feed.join(a_topic(), ear.hear)
    feed.join(a_topic('{ "é": 1 }'), odd.hear)
    feed.join(a_topic(epoch="e1"), other.hear)

    bus.publish(a_change("Grüße 🙂"))

    assert all(ear.heard[0] is ears[0].heard[0] for ear in ears)
    said = {"type": "notification", "data": "Grüße 🙂"}
    assert json.loads(ears[0].heard[0]) == {"identifier": "{}", "message": said}
    assert json.loads(odd.heard[0]) == {"identifier": '{ "é": 1 }', "message": said}
    place = {"stream_id": "events:key", "epoch": "e1", "offset": 7}
    assert json.loads(other.heard[0]) == {"identifier": "{}", "message": said, **place}


def test_who_left_hears_no_more_and_leaves_nothing_behind() -> None:
    bus = MemoryBus()
    feed, one, two = Feed(bus), Ear(), Ear()
    feed.join(a_topic(), one.hear)
    feed.join(a_topic(), two.hear)

    feed.leave(a_topic(), one.hear)
    bus.publish(a_change("for one"))
    feed.leave(a_topic(), two.hear)
    bus.publish(a_change("for none"))

    assert (len(one.heard), len(two.heard)) == (0, 1)
    assert not bus.has_listeners


def test_another_app_s_change_is_not_heard() -> None:
    bus, ear = MemoryBus(), Ear()
    Feed(bus).join(a_topic(), ear.hear)

    bus.publish(a_change("of Evil", app_id=2))

    assert ear.heard == []
