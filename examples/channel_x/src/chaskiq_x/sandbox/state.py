"""What the sandbox knows, and what people do in it."""

import base64
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
    Json,
    JsonObject,
    Lane,
    Pace,
    Row,
    Target,
    WaitingPost,
    WaitingPosts,
    read_object,
    write_json,
)
from chaskiq_x.sandbox.account import ACCOUNT, APP, SETTINGS
from chaskiq_x.verify import HEADER, signature_of

FIRST_ID = 1_520_000_000_000_000_000
DAY_SECONDS = 24 * 3600
SHORT_LINK = "https://t.co/sandbox"
SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, direction TEXT NOT NULL, event TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (id INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS webhook (id INTEGER PRIMARY KEY, url TEXT NOT NULL);
"""


class XSandbox:
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
        self.base_url = "http://127.0.0.1:8081"  # where files are fetched
        self.database = Database(path)
        self.database.create(SCHEMA)
        self.calls = CallLog(self.database)
        self.posts = WaitingPosts(self.database)
        self.faults = Faults[Fault]()
        self.is_revoked = False
        self.webhook_transport = webhook_transport
        pace = Pace(
            first_retry_seconds=first_retry_seconds,
            longest_retry_seconds=60,
            timeout_seconds=10,
            now=time.time,
            pause=pause,
            delays=(first_retry_seconds,) * 3,  # X repeats a few times, and then no more
        )
        self.delivery = Delivery(self.posts, self, self.faults, pace, webhook_transport)

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        """Where webhooks go, signed; None before one was registered."""
        headers = {"content-type": "application/json", HEADER: signature_of(post.body, SETTINGS.consumer_secret)}
        return Target(url=self.hook_url, headers=headers) if self.hook_url else None

    def facts(self, post: WaitingPost) -> JsonObject:
        """What a fault of a webhook may ask for."""
        return {}

    def failed(self, account: str, error: str) -> None:
        """Nobody is told of a failed webhook."""

    @property
    def hook_url(self) -> str:
        """Where webhooks go; '' before one was registered."""
        row = self.database.row("SELECT url FROM webhook")
        return str(row["url"]) if row else ""

    async def register(self, url: str) -> bool:
        """Send webhooks there from now on, if it knows the secret."""
        if not await self.asks(url):
            return False
        with self.database.transaction():
            self.database.write("INSERT OR REPLACE INTO webhook VALUES (1, ?)", (url,))
        self.delivery.wake_all()
        return True

    async def asks(self, url: str) -> bool:
        """X's question after the secret, as at registration and each hour after; whether the answer is right."""
        token = base64.urlsafe_b64encode(str(time.time_ns()).encode()).decode()
        async with httpx.AsyncClient(transport=self.webhook_transport, trust_env=False) as client:
            answer = await client.get(url, params={"crc_token": token})
        try:
            told = read_object(answer.content) if answer.is_success else {}
        except ValueError:
            return False
        return told.get("response_token") == signature_of(token.encode(), SETTINGS.consumer_secret)

    def write(self, person: str, name: str, text: str, *, photo: bytes | None = None) -> str:
        """A person writes; the message's id."""
        with self.database.transaction():
            self.rename(person, name)
            data: JsonObject = {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
            if photo is not None:
                data = self._with_photo(data, photo)
            return self.tell(self._keep(person, "in", data))

    def rename(self, person: str, name: str) -> None:
        """A person has another name from now on."""
        with self.database.transaction():
            self.database.write("INSERT OR REPLACE INTO people VALUES (?, ?)", (person, name))

    def send(self, person: str, text: str) -> str:
        """The app sends; the message's id. X tells of it, too."""
        with self.database.transaction():
            return self.tell(self._keep(person, "out", {"text": text}))

    def tell(self, event: JsonObject) -> str:
        """Send a webhook with this message; its id."""
        self.tell_all({"direct_message_events": [event]}, person="")
        self.news.ring()
        return str(event["id"])

    def read(self, person: str, message_id: str) -> None:
        """A person has read our messages up to this one."""
        event: JsonObject = {
            "created_timestamp": _now(),
            "sender_id": person,
            "target": {"recipient_id": ACCOUNT},
            "last_read_event_id": message_id,
        }
        self.tell_all({"direct_message_mark_read_events": [event]}, person=person)

    def tell_all(self, lists: JsonObject, *, person: str) -> None:
        """Send a webhook with these lists of events."""
        rows = self.database.rows("SELECT * FROM people")
        people: JsonObject = {
            row["id"]: {"id": row["id"], "name": row["name"], "screen_name": f"u{row['id']}"} for row in rows
        }
        body: JsonObject = {"for_user_id": ACCOUNT, **lists, "apps": {APP: {"id": APP}}, "users": people}
        self.delivery.send(Lane(ACCOUNT, person), write_json(body).encode(), expires_at=time.time() + DAY_SECONDS)

    def events(self, person: str) -> list[tuple[str, JsonObject]]:
        """Direction and event of all messages of a person's chat, oldest first."""
        rows = self.database.rows("SELECT * FROM messages WHERE person = ? ORDER BY id", (person,))
        return [(row["direction"], read_object(row["event"])) for row in rows]

    def file(self, id_: int) -> Row | None:
        """The file of that number."""
        return self.database.row("SELECT content FROM files WHERE id = ?", (id_,))

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self.faults.clear()
        self.delivery.let_go()

    def reset(self) -> None:
        """Forget all messages; their ids are not used again."""
        with self.database.transaction():
            self.database.write("DELETE FROM messages")
            self.database.write("DELETE FROM files")
            self.calls.forget()
            self.posts.forget()
        self.clear_faults()

    def _keep(self, person: str, direction: str, data: JsonObject) -> JsonObject:
        number = self.database.insert(
            "INSERT INTO messages (person, direction, event) VALUES (?, ?, '{}')", (person, direction)
        )
        sides = (person, ACCOUNT) if direction == "in" else (ACCOUNT, person)
        create: JsonObject = {"target": {"recipient_id": sides[1]}, "sender_id": sides[0], "message_data": data}
        if direction == "out":
            create["source_app_id"] = APP
        event: JsonObject = {
            "type": "message_create",
            "id": str(FIRST_ID + number),
            "created_timestamp": _now(),
            "message_create": create,
        }
        self.database.write("UPDATE messages SET event = ? WHERE id = ?", (write_json(event), number))
        return event

    def _with_photo(self, data: JsonObject, photo: bytes) -> JsonObject:
        """X puts a shortened link to the file behind the text."""
        number = self.database.insert("INSERT INTO files (content) VALUES (?)", (photo,))
        media: JsonObject = {
            "id": number,
            "type": "photo",
            "url": SHORT_LINK,
            "media_url_https": f"{self.base_url}/media/{number}",
        }
        links: list[Json] = [{"url": SHORT_LINK, "expanded_url": f"{self.base_url}/media/{number}"}]
        return {
            "text": f"{data['text']} {SHORT_LINK}".strip(),
            "entities": {"urls": links},
            "attachment": {"type": "media", "media": media},
        }


def _now() -> str:
    return str(int(time.time() * 1000))
