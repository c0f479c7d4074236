"""Carries committed changes to whoever listens in this process; a slow listener is cut off, never waited for."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.streams import Published

QUEUE_LENGTH = 256
"""Changes that may wait for one listener; one more closes its queue, and the client comes again."""

Name = tuple[AppId, str]


class MemoryBus:
    """Streams within one process."""

    def __init__(self) -> None:
        self._listeners: dict[Name, set[MemoryObjectSendStream[Published]]] = defaultdict(set)

    def publish(self, change: Published) -> None:
        """Hand a change to the listeners of its stream; never blocks, never raises."""
        name = (change.app_id, change.stream)
        for listener in tuple(self._listeners.get(name, ())):
            try:
                listener.send_nowait(change)
            except anyio.WouldBlock:
                self._listeners[name].discard(listener)
                listener.close()
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                self._listeners[name].discard(listener)

    @contextmanager
    def listen(self, app_id: AppId, stream: str) -> Iterator[MemoryObjectReceiveStream[Published]]:
        """A queue of what is published from now on; it ends when the listener was too slow."""
        name = (app_id, stream)
        sender, receiver = anyio.create_memory_object_stream[Published](QUEUE_LENGTH)
        self._listeners[name].add(sender)
        try:
            yield receiver
        finally:
            self._listeners[name].discard(sender)
            if not self._listeners[name]:
                del self._listeners[name]
            sender.close()
            receiver.close()
