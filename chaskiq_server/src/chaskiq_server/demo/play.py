"""One conversation over HTTP, line by line: a customer writes, a bot answers, a rule assigns, an agent replies."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import anyio
import httpx
from pydantic import BaseModel, TypeAdapter

from chaskiq_core.model.table import JsonObject
from chaskiq_server.demo.running import BOT_TOKEN, Demo

QUESTION = "Hello, where is my order 20418?"
REPLY = "It left this morning; you have it tomorrow."
CUSTOMER: JsonObject = {"id": 1001, "first_name": "Maya", "last_name": "Okafor"}
LOOK_SECONDS = 0.05

Look: TypeAlias = Callable[[], Awaitable[str | None]]
"""What there is to show; None: not yet."""


class Person(BaseModel):
    """A person of the API, as far as the play looks."""

    id: str
    name: str


class Conversation(BaseModel):
    """A conversation, as far."""

    key: str
    assignee: Person | None


class Author(BaseModel):
    """Who wrote a part."""

    type: str


class Delivery(BaseModel):
    """How far a part got on its way to the provider."""

    state: str
    external_ids: list[str]


class Part(BaseModel):
    """A part, as far."""

    kind: str
    text: str
    author: Author
    deliveries: list[Delivery]


class Message(BaseModel):
    """A message in the customer's chat, as the sandbox shows it."""

    direction: str
    text: str


CONVERSATIONS = TypeAdapter(list[Conversation])
PARTS = TypeAdapter(list[Part])
MESSAGES = TypeAdapter(list[Message])


class Play:
    """The people of the play, each behind HTTP alone."""

    def __init__(self, demo: Demo, http: httpx.AsyncClient) -> None:
        self._http = http
        self._agent_id = demo.kept.agent_id
        self._bot = f"{demo.telegram_url}/sandbox/bots/{BOT_TOKEN}"
        self._api = f"{demo.url}/api/v1/apps/{demo.kept.app_key}"
        self._token = {"authorization": f"Bearer {demo.kept.token}"}

    async def customer_writes(self) -> str | None:
        await self._send(f"{self._bot}/messages", {"from": CUSTOMER, "text": QUESTION})
        return QUESTION

    async def customer_sees(self, start: str) -> str | None:
        messages = MESSAGES.validate_python(
            await self._list(f"{self._bot}/chats/{CUSTOMER['id']}/messages", "messages")
        )
        texts = [message.text for message in messages if message.direction == "bot"]
        return next((text for text in texts if text.startswith(start)), None)

    async def agent_sees(self, author: str) -> str | None:
        parts = [part for part in await self._parts() if part.kind == "content" and part.author.type == author]
        return next((part.text for part in parts), None)

    async def rule_assigned(self) -> str | None:
        conversation = await self._conversation()
        if conversation is None or conversation.assignee is None or conversation.assignee.id != self._agent_id:
            return None
        return f"to {conversation.assignee.name}"

    async def agent_replies(self) -> str | None:
        conversation = await self._conversation()
        if conversation is None:
            return None
        await self._send(f"{self._api}/conversations/{conversation.key}/parts", {"text": REPLY})
        return REPLY

    async def reply_is_sent(self) -> str | None:
        """Whether the provider's own id for the reply is known."""
        deliveries = [one for part in await self._parts() if part.text == REPLY for one in part.deliveries]
        return next((f"as message {one.external_ids[0]}" for one in deliveries if one.state == "sent"), None)

    async def _parts(self) -> list[Part]:
        conversation = await self._conversation()
        if conversation is None:
            return []
        return PARTS.validate_python(await self._list(f"{self._api}/conversations/{conversation.key}/parts", "items"))

    async def _conversation(self) -> Conversation | None:
        return next(iter(CONVERSATIONS.validate_python(await self._list(f"{self._api}/conversations", "items"))), None)

    async def _list(self, url: str, name: str) -> object:
        answer = await self._http.get(url, headers=self._token)
        return answer.raise_for_status().json()[name]

    async def _send(self, url: str, body: JsonObject) -> None:
        (await self._http.post(url, json=body, headers=self._token)).raise_for_status()


async def play(demo: Demo, *, seconds: float) -> bool:
    """Play it and print it; whether no line is missing after so many seconds."""
    async with httpx.AsyncClient(trust_env=False) as http:
        on = Play(demo, http)
        lines: list[tuple[str, Look]] = [
            ("the customer writes in Telegram", on.customer_writes),
            ("the agent sees it", lambda: on.agent_sees("app_user")),
            ("the bot answers", lambda: on.agent_sees("bot")),
            ("the customer reads the bot", lambda: on.customer_sees("Hi Maya")),
            ("the rule assigns", on.rule_assigned),
            ("the agent replies over REST", on.agent_replies),
            ("the customer reads the agent", lambda: on.customer_sees(REPLY)),
            ("the agent sees that it was sent", on.reply_is_sent),
        ]
        until = anyio.current_time() + seconds
        return all([await _line(what, look, until=until) for what, look in lines])


async def _line(what: str, look: Look, *, until: float) -> bool:
    """Print one line of the transcript once there is something to show; False if nothing is by then."""
    try:
        with anyio.fail_after(max(until - anyio.current_time(), LOOK_SECONDS)):
            while (shown := await look()) is None:  # noqa: ASYNC110  what is waited for happens behind HTTP
                await anyio.sleep(LOOK_SECONDS)
    except (TimeoutError, httpx.HTTPError, KeyError, ValueError) as error:
        reason = "it did not happen in time" if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
        print(f"✗ {what:<32} {reason}", flush=True)
        return False
    print(f"✓ {what:<32} {shown}", flush=True)
    return True
