"""The sandbox itself: what it holds, how it opens and closes, and how it tells a webhook what happened."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict, Unpack

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
from chaskiq_whatsapp.sandbox.faults import Fault
from chaskiq_whatsapp.sandbox.memory.media import Media
from chaskiq_whatsapp.sandbox.memory.messages import Messages
from chaskiq_whatsapp.sandbox.memory.numbers import Number, Numbers
from chaskiq_whatsapp.sandbox.memory.people import PERSON, People, Person
from chaskiq_whatsapp.sandbox.memory.records import Records
from chaskiq_whatsapp.sandbox.memory.templates import Templates
from chaskiq_whatsapp.sandbox.webhooks import Hooks, change_of

WINDOW_SECONDS = 24 * 3600
WEBHOOK_SECONDS = 7 * 24 * 3600
"""How long Meta tries to deliver a webhook."""


class SandboxOptions(TypedDict, total=False):
    """How a sandbox differs from the usual one."""

    accept_any_token: bool  # any token is good at first sight, and any number there
    enforce_limits: bool  # answer 131056 above one message in six seconds to one person, after a burst of 45
    refuse_outside_window: bool  # 131047 at once; otherwise accepted, and a status says it later
    auto_deliver: bool  # statuses sent and delivered follow by themselves
    verify_hooks: bool  # a hook URL is called once, with a challenge, before it is taken
    first_retry_seconds: float  # the wait after a webhook's first failure; it doubles from there
    longest_retry_seconds: float  # the cap of that
    webhook_timeout_seconds: float  # how long a webhook may take to answer
    webhook_transport: httpx.AsyncBaseTransport | None  # carries deliveries; None is the network
    now: Callable[[], float]  # unix time
    pause: Callable[[float], Awaitable[None]]  # waits so many seconds


USUAL: SandboxOptions = {
    "accept_any_token": True,
    "enforce_limits": False,
    "refuse_outside_window": False,
    "auto_deliver": True,
    "verify_hooks": True,
    "first_retry_seconds": 1.0,
    "longest_retry_seconds": 60.0,
    "webhook_timeout_seconds": 20.0,
    "webhook_transport": None,
    "now": time.time,
    "pause": anyio.sleep,
}
SECRETS = ("access_token", "input_token", "verify_token")


class WhatsAppSandbox:
    """A WhatsApp of one's own. Answers from its creation on; delivers webhooks inside `running`."""

    def __init__(self, path: Path | None = None, **options: Unpack[SandboxOptions]) -> None:
        """Its memory is an SQLite file that outlives it, or nothing for None."""
        self.options: SandboxOptions = {**USUAL, **options}
        self.now = self.options["now"]
        self.pause = self.options["pause"]
        self.news = Bell()
        self.closing = anyio.Event()
        self.database = Database(path)
        self.records = Records(self.database)
        self.numbers = Numbers(self.records, accept_any_token=self.options["accept_any_token"])
        self.people = People(self.records)
        self.messages = Messages(self.database)
        self.media = Media(self.database)
        self.templates = Templates(self.records)
        self.calls = CallLog(self.database, secrets=SECRETS)
        self.posts = WaitingPosts(self.database)
        self.faults = Faults[Fault]()
        self.used: dict[tuple[str, str], float] = {}  # by number and person: until when their pair is used up
        self.typing: dict[tuple[str, str], float] = {}  # by number and person: until when they see somebody type
        self._batch: list[tuple[str, JsonObject]] = []  # field and value, held back
        self._batch_size = 0
        pace = Pace(
            first_retry_seconds=self.options["first_retry_seconds"],
            longest_retry_seconds=self.options["longest_retry_seconds"],
            timeout_seconds=self.options["webhook_timeout_seconds"],
            now=self.now,
            pause=self.pause,
        )
        transport = self.options["webhook_transport"]
        self.delivery = Delivery(self.posts, Hooks(self.numbers), self.faults, pace, transport)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver webhooks inside the block; the sandbox is closed after it."""
        try:
            async with self.delivery.running():
                yield
        finally:
            self.close()

    def close(self) -> None:
        """Close the file; only needed by who never entered `running`."""
        self.closing.set()
        self.database.close()

    def is_open(self, person: Person) -> bool:
        """Whether the person wrote within a day."""
        return person.wrote_at > 0 and self.now() - person.wrote_at < WINDOW_SECONDS

    def tell(self, number: Number, field: str, content: JsonObject, *, queue: str = "") -> None:
        """Tell the number's webhook; in a batch, once it is full."""
        told = (field, self._value(number, content))
        if self._batch_size:
            self._batch.append(told)
            if len(self._batch) >= self._batch_size:
                self.batch(0)
        else:
            self._post(number, [told], queue)
        self.news.ring()

    def batch(self, size: int) -> None:
        """Hold webhooks back until there are so many, then send them in one body; 0: send what is held."""
        held, self._batch = self._batch, []
        self._batch_size = size
        by_number: dict[str, list[tuple[str, JsonObject]]] = {}
        for field, value in held:
            metadata = value["metadata"]
            assert isinstance(metadata, dict)
            by_number.setdefault(str(metadata["phone_number_id"]), []).append((field, value))
        for number_id, told in by_number.items():
            self._post(self.numbers.of_token(number_id), told, "batch")

    def post_raw(self, number: Number, body: bytes, *, queue: str = "") -> None:
        """Send these bytes, signed."""
        self.delivery.send(Lane(number.id, queue), body, expires_at=self.now() + WEBHOOK_SECONDS)

    def _post(self, number: Number, told: list[tuple[str, JsonObject]], queue: str) -> None:
        if not number.is_subscribed:
            return
        entry: JsonObject = {"id": number.waba_id, "changes": [change_of(field, value) for field, value in told]}
        body: JsonObject = {"object": "whatsapp_business_account", "entry": [entry]}
        # Meta escapes slashes too in what it signs.
        self.post_raw(number, write_json(body).replace("/", "\\/").encode(), queue=queue)

    def _value(self, number: Number, content: JsonObject) -> JsonObject:
        return {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": number.display, "phone_number_id": number.id},
            **content,
        }

    def clear_faults(self) -> None:
        """Nothing goes wrong any more, and what was held back is delivered."""
        self.faults.clear()
        self.batch(0)
        self.delivery.let_go()

    def reset(self) -> None:
        """Forget all but the numbers, the files and the counters, so that no id comes twice."""
        with self.database.transaction():
            self.messages.forget()
            self.records.forget(PERSON)
            self.media.forget()
            self.calls.forget()
            self.posts.forget()
        self.used.clear()
        self._batch.clear()
        self.clear_faults()
        self.news.ring()
