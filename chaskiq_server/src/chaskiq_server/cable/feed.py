"""What is said on streams, as text for the wire: made once for all who wrote the same identifier."""

from collections.abc import Callable
from dataclasses import dataclass

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.realtime.streams import Published
from chaskiq_server.cable.outbox import Message
from chaskiq_server.cable.protocol import message, placed_message

Outlet = Callable[[int, Message], None]
"""Takes a change's id and its message; must not block and not raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A stream under the name that its listeners gave it, in their protocol."""

    app_id: AppId
    stream: str
    identifier: str
    stream_id: str
    epoch: str | None
    """The database's, for the extended protocol; None: messages carry no place."""

    def text_of(self, change: Published) -> str:
        """The text that tells of a change."""
        if self.epoch is None:
            return message(self.identifier, change.text)
        _, offset = change.position
        return placed_message(self.identifier, change.text, stream_id=self.stream_id, epoch=self.epoch, offset=offset)


class Feed:
    """The bus of a hub, for any number of connections."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._audiences: dict[Topic, _Audience] = {}

    def join(self, topic: Topic, outlet: Outlet) -> None:
        """Hand an outlet what is said from now on."""
        audience = self._audiences.get(topic)
        if audience is None:
            audience = self._audiences[topic] = _Audience(topic)
            self._bus.attach(topic.app_id, topic.stream, audience.tell)
        audience.outlets.add(outlet)

    def leave(self, topic: Topic, outlet: Outlet) -> None:
        """No more."""
        audience = self._audiences[topic]
        audience.outlets.discard(outlet)
        if not audience.outlets:
            self._bus.detach(topic.app_id, topic.stream, audience.tell)
            del self._audiences[topic]


class _Audience:
    """All who listen to one topic."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.outlets: set[Outlet] = set()

    def tell(self, change: Published) -> None:
        told = Message(self.topic.text_of(change))
        _, id_ = change.position
        for outlet in tuple(self.outlets):
            outlet(id_, told)
