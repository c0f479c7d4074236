"""Carries committed changes to whoever listens in this process; a slow listener is cut off, never waited for."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.streams import Published

QUEUE_LENGTH = 256
"""Changes that may wait for one listener; one more closes its queue, and the client comes again."""

Name = tuple[AppId, str]
Listener = Callable[[Published], None]


class MemoryBus:
    """Streams within one process."""

    def __init__(self) -> None:
        self._listeners: dict[Name, set[Listener]] = defaultdict(set)

    @property
    def has_listeners(self) -> bool:
        """Whether anybody listens to anything."""
        return bool(self._listeners)

    def publish(self, change: Published) -> None:
        """Hand a change to the listeners of its stream; never blocks."""
        for listener in tuple(self._listeners.get((change.app_id, change.stream), ())):
            listener(change)

    def attach(self, app_id: AppId, stream: str, listener: Listener) -> None:
        """Call a function with what is published from now on; it must not block and not raise."""
        self._listeners[(app_id, stream)].add(listener)

    def detach(self, app_id: AppId, stream: str, listener: Listener) -> None:
        """Call it no more."""
        name = (app_id, stream)
        self._listeners[name].discard(listener)
        if not self._listeners[name]:
            del self._listeners[name]

    @contextmanager
    def listen(self, app_id: AppId, stream: str) -> Iterator[MemoryObjectReceiveStream[Published]]:
        """A queue of what is published from now on; it ends when the listener was too slow."""
        sender, receiver = anyio.create_memory_object_stream[Published](QUEUE_LENGTH)

        def put(change: Published) -> None:
            try:
                sender.send_nowait(change)
            except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                sender.close()

        self.attach(app_id, stream, put)
        try:
            yield receiver
        finally:
            self.detach(app_id, stream, put)
            sender.close()
            receiver.close()
