"""The sandbox itself: what it holds, and how it opens and closes. What is done with it is in the other files."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypedDict, Unpack

import anyio
import httpx

from chaskiq_core.testing.sandbox import (
    Bell,
    CallLog,
    Database,
    Delivery,
    Faults,
    JsonObject,
    Lane,
    Pace,
    WaitingPosts,
    write_json,
)
from chaskiq_telegram.sandbox.delivery import Bots
from chaskiq_telegram.sandbox.errors import not_found, unauthorized
from chaskiq_telegram.sandbox.faults import Fault
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.bots import TOKEN, Bot
from chaskiq_telegram.sandbox.memory.changes import OF_CHAT, Changes
from chaskiq_telegram.sandbox.memory.connections import Connections
from chaskiq_telegram.sandbox.memory.files import StoredFiles
from chaskiq_telegram.sandbox.memory.footers import Footers
from chaskiq_telegram.sandbox.memory.groups import Groups
from chaskiq_telegram.sandbox.memory.presses import Presses
from chaskiq_telegram.sandbox.memory.reactions import Reactions
from chaskiq_telegram.sandbox.memory.state import State
from chaskiq_telegram.sandbox.memory.webhooks import Webhooks
from chaskiq_telegram.sandbox.methods.limits import Limits
from chaskiq_telegram.sandbox.updates import is_wanted, kind_of, lifetime_seconds, queue_of


class SandboxOptions(TypedDict, total=False):
    """How a sandbox differs from the usual one."""

    accept_any_token: bool  # a well-formed token is a bot's at first sight; otherwise only add_bot makes one
    enforce_limits: bool  # answer 429 above Telegram's published rates
    first_retry_seconds: float  # the wait after a webhook's first failure; it doubles from there
    longest_retry_seconds: float  # the cap of that
    webhook_timeout_seconds: float  # how long a webhook may take to answer
    webhook_transport: httpx.AsyncBaseTransport | None  # carries deliveries; None is the network
    now: Callable[[], float]  # unix time
    pause: Callable[[float], Awaitable[None]]  # waits so many seconds


USUAL: SandboxOptions = {
    "accept_any_token": True,
    "enforce_limits": False,
    "first_retry_seconds": 1.0,
    "longest_retry_seconds": 60.0,
    "webhook_timeout_seconds": 60.0,
    "webhook_transport": None,
    "now": time.time,
    "pause": anyio.sleep,
}


SECRETS = ("secret_token", "certificate")  # parameters that no log shows


class _Memory(Protocol):
    """A part of what the sandbox knows."""

    def forget(self) -> None: ...


class TelegramSandbox:
    """A Telegram of one's own. Answers from its creation on; delivers updates inside `running`."""

    def __init__(self, path: Path | None = None, **options: Unpack[SandboxOptions]) -> None:
        """Its memory is an SQLite file that outlives it, or nothing for None."""
        chosen: SandboxOptions = {**USUAL, **options}
        self.now = chosen["now"]
        self.pause = chosen["pause"]
        self.database = Database(path)
        self.state = State(self.database)
        self.changes = Changes(self.database, now=self.now())
        self.reactions = Reactions(self.database)
        self.groups = Groups(self.database)
        self.connections = Connections(self.database)
        self.presses = Presses(self.database)
        self.footers = Footers(self.database)
        self.files = StoredFiles(self.database, path)
        self.calls = CallLog(self.database, secrets=SECRETS)
        self.webhooks = Webhooks(self.database)
        self.posts = WaitingPosts(self.database)
        self._memories: tuple[_Memory, ...] = (self.state, self.webhooks, self.posts, self.calls, self.changes)
        self._memories += (self.reactions, self.groups, self.connections, self.presses, self.footers, self.files)
        self.faults = Faults[Fault]()
        self.limits = Limits() if chosen["enforce_limits"] else None
        self.news = Bell()  # rung at each change and each logged call
        self.closing = anyio.Event()  # set when calls that hang must let go
        self._accept_any_token = chosen["accept_any_token"]
        pace = Pace(
            first_retry_seconds=chosen["first_retry_seconds"],
            longest_retry_seconds=chosen["longest_retry_seconds"],
            timeout_seconds=chosen["webhook_timeout_seconds"],
            now=self.now,
            pause=self.pause,
        )
        registered = Bots(self.webhooks, self.now)
        self.delivery = Delivery(self.posts, registered, self.faults, pace, chosen["webhook_transport"])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver updates inside the block; the sandbox is closed after it."""
        try:
            async with self.delivery.running():
                yield
        finally:
            self.close()

    def close(self) -> None:
        """Close the file; only needed by who never entered `running`."""
        self.closing.set()
        self.database.close()
        self.files.close()

    def add_bot(self, token: str, *, first_name: str | None = None, username: str | None = None) -> Bot:
        """Make this token a bot's; ValueError for one that could never be Telegram's."""
        return self.state.add_bot(token, first_name=first_name, username=username)

    def revoke(self, token: str) -> None:
        """Answer this token with 401 from now on."""
        self.state.revoke(token)

    def bot_of(self, token: str) -> Bot:
        """The token's bot; refused with 404 for a malformed token, 401 for an unknown or revoked one."""
        if not TOKEN.fullmatch(token):
            raise not_found()
        if bot := self.state.bot_of(token):
            return bot
        if self._accept_any_token and not self.state.is_taken(token):
            return self.state.add_bot(token)
        raise unauthorized()

    def emit(self, bot: Bot, update: JsonObject) -> int:
        """Put an update in the bot's queue, under a new update_id if it has none; the update_id."""
        update_id = integer_at(update, "update_id")
        with self.database.transaction():
            if update_id is None:
                update_id = self.state.take_update_id(bot.id)
            numbered: JsonObject = {"update_id": update_id, **update}
            lane = Lane(str(bot.id), queue_of(update))
            expires_at = self.now() + lifetime_seconds(kind_of(update))
            self.posts.add(lane, write_json(numbered).encode(), expires_at=expires_at)
        self.delivery.wake(lane)
        return update_id

    def emit_wanted(self, bot: Bot, update: JsonObject) -> int | None:
        """Emit an update if the bot asked for its kind; its update_id."""
        allowed = self.webhooks.of_bot(bot.id).allowed_updates
        return self.emit(bot, update) if is_wanted(kind_of(update), list(allowed)) else None

    def changed(self, space: int, chat_id: int, message_id: int = OF_CHAT) -> None:
        """Tell all who look that this message, or this chat, is not what it was."""
        self.changes.note(space, chat_id, message_id)
        self.news.ring()

    def clear_faults(self) -> None:
        """Nothing goes wrong any more, and what was held back is delivered."""
        self.faults.clear()
        self.delivery.let_go()

    def reset(self) -> None:
        """Forget all but the bots, their tokens and the counters, so that no id comes twice."""
        with self.database.transaction():
            for memory in self._memories:
                memory.forget()
        self.clear_faults()
        self.news.ring()
        self.delivery.wake_all()
