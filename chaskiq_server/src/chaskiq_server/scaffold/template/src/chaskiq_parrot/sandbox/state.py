"""What the sandbox knows, and what people do in it."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import httpx

from chaskiq_core.testing.sandbox import (
    Bell,
    CallLog,
    Database,
    Delivery,
    Fault,
    Faults,
    JsonObject,
    Lane,
    Pace,
    Row,
    Target,
    WaitingPost,
    WaitingPosts,
    write_json,
)
from chaskiq_parrot.verify import HEADER, signature_of

ACCOUNT = "acme"
TOKEN = "an-access-token"
SECRET = "a-signing-secret"
DAY_SECONDS = 24 * 3600
SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL, direction TEXT NOT NULL, body TEXT NOT NULL,
    reply_to TEXT);
CREATE TABLE IF NOT EXISTS webhook (id INTEGER PRIMARY KEY, url TEXT NOT NULL);
"""


class ParrotSandbox:
    """One account. Answers from its creation on; sends webhooks while `delivery` is running."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        first_retry_seconds: float = 1.0,
        webhook_transport: httpx.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        """Its memory is an SQLite file that outlives it, or nothing for None."""
        self.pause = pause
        self.closing = anyio.Event()  # set when calls that hang must let go
        self.news = Bell()  # rung at each change
        self.database = Database(path)
        self.database.create(SCHEMA)
        self.calls = CallLog(self.database)
        self.posts = WaitingPosts(self.database)
        self.faults = Faults[Fault]()
        self.is_revoked = False
        pace = Pace(
            first_retry_seconds=first_retry_seconds,
            longest_retry_seconds=60,
            timeout_seconds=10,
            now=time.time,
            pause=pause,
        )
        self.delivery = Delivery(self.posts, self, self.faults, pace, webhook_transport)

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        """Where webhooks go, signed; None before one was registered."""
        row = self.database.row("SELECT url FROM webhook")
        headers = {"content-type": "application/json", HEADER: signature_of(post.body, SECRET)}
        return Target(url=row["url"], headers=headers) if row else None

    def facts(self, post: WaitingPost) -> JsonObject:
        """What a fault of a webhook may ask for."""
        return {}

    def failed(self, account: str, error: str) -> None:
        """Nobody is told of a failed webhook."""

    def register(self, url: str) -> None:
        """Send webhooks there from now on."""
        with self.database.transaction():
            self.database.write("INSERT OR REPLACE INTO webhook VALUES (1, ?)", (url,))
        self.delivery.wake_all()

    def keep(self, chat: str, direction: str, body: str, reply_to: str | None) -> str:
        """A message of a chat, `in` or `out`; its id."""
        message_id = self.database.insert(
            "INSERT INTO messages (chat, direction, body, reply_to) VALUES (?, ?, ?, ?)",
            (chat, direction, body, reply_to),
        )
        self.news.ring()
        return str(message_id)

    def write(self, chat: str, name: str, text: str, *, kind: str = "text", reply_to: str | None = None) -> JsonObject:
        """A person writes; what the webhook tells."""
        with self.database.transaction():
            message: JsonObject = {
                "type": kind,
                "id": self.keep(chat, "in", text, reply_to),
                "chat": chat,
                "from": {"id": chat, "name": name},
                "text": text,
            }
            if reply_to is not None:
                message["reply_to"] = reply_to
        self.tell(message)
        return message

    def tell(self, message: JsonObject) -> None:
        """Send a webhook with this element."""
        body = write_json({"delivery": str(time.time_ns()), "events": [message]}).encode()
        self.delivery.send(Lane(ACCOUNT, str(message["chat"])), body, expires_at=time.time() + DAY_SECONDS)

    def messages(self, chat: str) -> list[Row]:
        """All of a chat, oldest first."""
        return self.database.rows("SELECT * FROM messages WHERE chat = ? ORDER BY id", (chat,))

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self.faults.clear()
        self.delivery.let_go()

    def reset(self) -> None:
        """Forget all messages; their ids are not used again."""
        with self.database.transaction():
            self.database.write("DELETE FROM messages")
            self.calls.forget()
            self.posts.forget()
        self.clear_faults()
