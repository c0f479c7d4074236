"""One client's connection: what it asks for, its subscriptions, and what it missed of them."""

import secrets
from collections import deque

import anyio
from starlette.types import Receive, Send

from chaskiq_core.errors import UnavailableError
from chaskiq_core.realtime.memory_bus import QUEUE_LENGTH
from chaskiq_server.cable import protocol
from chaskiq_server.cable.feed import Feed, Topic
from chaskiq_server.cable.history import History
from chaskiq_server.cable.listeners import Listener
from chaskiq_server.cable.outbox import Message, Outbox
from chaskiq_server.cable.protocol import Command, Reason
from chaskiq_server.cable.subscriptions import stream_id_of
from chaskiq_server.direct_websocket import Direct

MAX_SUBSCRIPTIONS = 50


class Connection:
    """An accepted WebSocket of an agent or a contact."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        direct: Direct | None,
        listener: Listener,
        *,
        history: History,
        feed: Feed,
        epoch: str | None,
    ) -> None:
        self.listener = listener
        self._receive = receive
        self._outbox = Outbox(send, direct)
        self._direct = direct
        self._history = history
        self._feed = feed
        self._epoch = epoch
        """The database's, if the client speaks the extended protocol."""
        self._subscriptions: dict[str, Subscription] = {}
        self._all = anyio.CancelScope()

    async def run(self) -> None:
        """Serve the client until it goes, or may no longer stay."""
        try:
            async with anyio.create_task_group() as tasks:
                self._all = tasks.cancel_scope
                self.say(protocol.WELCOME if self._epoch is None else protocol.welcome(secrets.token_urlsafe(12)))
                tasks.start_soon(self._write)
                await self._listen()
                tasks.cancel_scope.cancel()
        finally:
            self._unsubscribe_all()

    def say(self, text: str) -> None:
        """Send a message to this client alone."""
        self.tell(Message(text))

    def tell(self, message: Message) -> None:
        """Send a message; a client that has too many waiting is cut off, and comes again."""
        if not self._outbox.put(message):
            self.end(Reason.TOO_SLOW)

    def end(self, reason: Reason) -> None:
        """Say why, and close; whoever may not listen any more hears nothing of what waits."""
        self._outbox.close(protocol.disconnect(reason), at_once=reason is Reason.UNAUTHORIZED)
        self._unsubscribe_all()

    def leave_if_stuck(self, seconds: float) -> None:
        """End without a word if the client has taken nothing for so long."""
        if self._outbox.is_stuck(seconds):
            if self._direct:
                self._direct.abort()  # else the socket would stay for as long as the client takes nothing
            self._all.cancel()

    async def _write(self) -> None:
        await self._outbox.write()
        self._all.cancel()

    async def _listen(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return
            command = protocol.read_command(message.get("text") or "")
            if command is None:
                self.end(Reason.INVALID_REQUEST)
                await anyio.sleep_forever()  # until the last message is written
            elif command.name == "subscribe":
                await self._subscribe(command)
            elif command.name == "unsubscribe":
                if subscription := self._subscriptions.pop(command.identifier, None):
                    subscription.leave()
            elif command.name == "history" and self._epoch is not None:
                await self._tell_history(command)
            # `message` will carry typing and presence; what is unknown is none of ours

    async def _subscribe(self, command: Command) -> None:
        if command.identifier in self._subscriptions:
            return  # the client asks again until it hears the confirmation, which is on its way
        try:
            stream = await self.listener.stream_of(command.asked)
        except UnavailableError:
            self.end(Reason.SERVER_RESTART)
            return
        if stream is None or len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
            self.say(protocol.reject(command.identifier))
            return
        topic = Topic(
            app_id=self.listener.app_id,
            stream=stream,
            identifier=command.identifier,
            stream_id=stream_id_of(stream, self.listener.app_key),
            epoch=self._epoch,
        )
        subscription = self._subscriptions[command.identifier] = Subscription(self, self._feed, topic)
        self.say(protocol.confirm(command.identifier))
        if command.history is not None and self._epoch is not None:
            await subscription.catch_up(self._history, self._outbox, command)

    async def _tell_history(self, command: Command) -> None:
        subscription = self._subscriptions.get(command.identifier)
        if subscription is None or command.history is None:
            self.say(protocol.reject_history(command.identifier))
        else:
            await subscription.catch_up(self._history, self._outbox, command)

    def _unsubscribe_all(self) -> None:
        while self._subscriptions:
            _, subscription = self._subscriptions.popitem()
            subscription.leave()


class Subscription:
    """One topic that a connection listens to; while the past is told, what is said meanwhile waits."""

    def __init__(self, connection: Connection, feed: Feed, topic: Topic) -> None:
        self._connection = connection
        self._feed = feed
        self._topic = topic
        self._held: deque[tuple[int, Message]] | None = None
        self._told: set[int] = set()
        """What was told as history, and may yet come from the feed."""
        feed.join(topic, self._hear)

    def leave(self) -> None:
        """Listen no more."""
        self._feed.leave(self._topic, self._hear)

    async def catch_up(self, history: History, outbox: Outbox, command: Command) -> None:
        """Tell what the client missed, then what was said meanwhile: without a gap, each once."""
        assert command.history is not None
        held: deque[tuple[int, Message]] = deque()
        self._held = held
        try:
            missed = await history.read(self._topic, command.history)
        except UnavailableError:
            self._connection.end(Reason.SERVER_RESTART)
            return
        self._told = {change.position[1] for change in missed or ()}
        for change in missed or ():
            await outbox.room()
            self._connection.say(self._topic.text_of(change))
        say = protocol.reject_history if missed is None else protocol.confirm_history
        self._connection.say(say(self._topic.identifier))
        while held:
            await outbox.room()
            self._pass_on(*held.popleft())
        self._held = None

    def _hear(self, id_: int, message: Message) -> None:
        if self._held is None:
            self._pass_on(id_, message)
        elif len(self._held) < QUEUE_LENGTH:
            self._held.append((id_, message))
        else:
            self._connection.end(Reason.TOO_SLOW)

    def _pass_on(self, id_: int, message: Message) -> None:
        if self._told and id_ in self._told:
            self._told.discard(id_)
        else:
            self._connection.tell(message)
