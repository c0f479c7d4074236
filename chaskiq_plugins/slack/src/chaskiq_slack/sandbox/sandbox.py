"""The sandbox itself: what it holds, and how it opens and closes. What is done with it is in the other files."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict, Unpack

import anyio
import httpx

from chaskiq_core.testing.sandbox import Bell, CallLog, Database, Delivery, Faults, Pace, WaitingPosts
from chaskiq_slack.sandbox.delivery import InstalledApps
from chaskiq_slack.sandbox.errors import SlackError
from chaskiq_slack.sandbox.faults import Fault
from chaskiq_slack.sandbox.memory.apps import App, Apps
from chaskiq_slack.sandbox.memory.files import Files
from chaskiq_slack.sandbox.memory.messages import Messages
from chaskiq_slack.sandbox.memory.rooms import Rooms

SECRETS = ("token", "client_secret", "code")  # parameters that no log shows


class SandboxOptions(TypedDict, total=False):
    """How a sandbox differs from the usual one."""

    accept_any_token: bool  # a well-formed token is an app's at first sight; otherwise only `add` makes one
    enforce_limits: bool  # answer 429 to more than one message a second in a channel
    retry_delays: tuple[float, ...]  # seconds between attempts of an event
    webhook_timeout_seconds: float  # how long an event may take to be answered
    webhook_transport: httpx.AsyncBaseTransport | None  # carries events; None is the network
    now: Callable[[], float]  # unix time
    pause: Callable[[float], Awaitable[None]]  # waits so many seconds


USUAL: SandboxOptions = {
    "accept_any_token": True,
    "enforce_limits": False,
    "retry_delays": (0.0, 60.0, 300.0),
    "webhook_timeout_seconds": 3.0,
    "webhook_transport": None,
    "now": time.time,
    "pause": anyio.sleep,
}


class SlackSandbox:
    """A Slack of one's own. Answers from its creation on; delivers events inside `running`."""

    def __init__(self, path: Path | None = None, **options: Unpack[SandboxOptions]) -> None:
        """Its memory is an SQLite file that outlives it, or nothing for None."""
        chosen: SandboxOptions = {**USUAL, **options}
        self.now = chosen["now"]
        self.pause = chosen["pause"]
        self.enforce_limits = chosen["enforce_limits"]
        self.transport = chosen["webhook_transport"]
        self.database = Database(path)
        self.apps = Apps(self.database)
        self.rooms = Rooms(self.database)
        self.messages = Messages(self.database, self.now)
        self.files = Files(self.database, path)
        self.calls = CallLog(self.database, secrets=SECRETS)
        self.posts = WaitingPosts(self.database)
        self.faults = Faults[Fault]()
        self.posted_at: dict[tuple[str, str], float] = {}  # when each channel took its last message of an app
        self.news = Bell()  # rung at each change and each logged call
        self.closing = anyio.Event()  # set when calls that hang must let go
        self._accept_any_token = chosen["accept_any_token"]
        pace = Pace(
            first_retry_seconds=1.0,
            longest_retry_seconds=60.0,
            timeout_seconds=chosen["webhook_timeout_seconds"],
            now=self.now,
            pause=self.pause,
            delays=chosen["retry_delays"],
        )
        self.delivery = Delivery(self.posts, InstalledApps(self.apps, self.now), self.faults, pace, self.transport)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver events inside the block; the sandbox is closed after it."""
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

    def app_of(self, token: str) -> App:
        """The token's app; refused for none, an unknown or a revoked one."""
        if not token:
            raise SlackError("not_authed")
        app = self.apps.of_token(token)
        if app is None and self._accept_any_token:
            try:
                app = self.apps.add(token)
            except ValueError:
                app = None
        if app is None:
            raise SlackError("invalid_auth")
        if app.is_revoked:
            raise SlackError("token_revoked")
        return app

    def clear_faults(self) -> None:
        """Nothing goes wrong any more, and what was held back is delivered."""
        self.faults.clear()
        self.delivery.let_go()

    def reset(self) -> None:
        """Forget messages, calls and what waits; apps, people, channels and the counters stay."""
        with self.database.transaction():
            self.messages.forget()
            self.calls.forget()
            self.posts.forget()
        self.posted_at.clear()
        self.clear_faults()
        self.news.ring()
        self.delivery.wake_all()
