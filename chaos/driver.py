"""`python -m chaos.driver ORDERS_FILE`: Telegram delivering what people write, and an agent who replies over REST.

Each chat's updates come in order, one in flight, repeated until 2xx, as Telegram does it; some come twice at once, some
again long after they were acknowledged. It prints a line of JSON now and then, the last of them with `done`.
"""

import asyncio
import heapq
import itertools
import json
import random
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from pathlib import Path

import anyio

from chaos.link import Answer, Link, NoAnswerError, get, post
from chaos.plan import LOOPBACK, Follow, Message, Plan

ANSWER_SECONDS = 20.0
TWINS = 0.02
"""How many messages come twice at the same time."""
ECHOES = 0.03
"""How many come again seconds after they were acknowledged, behind later ones."""
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0
TELL_SECONDS = 0.25
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
AGENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where a bot's updates go."""

    path: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the process is told."""

    seed: int
    messages: int
    kills: int
    bots: int
    chats: int
    rate: float
    replies: float
    notes: float
    echoes: float
    connections: int
    port: int
    hooks: dict[str, dict[str, str]]
    """By bot: path and secret."""
    app_key: str
    token: str
    """Of the agent; '' where nobody replies."""

    @property
    def plan(self) -> Plan:
        """The run."""
        return Plan(**{name: value for name, value in asdict(self).items() if name in Plan.__dataclass_fields__})


def orders_for(plan: Plan, *, port: int, hooks: dict[int, Hook], app_key: str, token: str) -> str:
    """What to write into the file of orders."""
    given = {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
    told = {str(bot): asdict(hook) for bot, hook in hooks.items()}
    return json.dumps({**given, "port": port, "hooks": told, "app_key": app_key, "token": token})


@dataclass(order=True, slots=True)
class Due:
    """Something that goes out at a time."""

    at: float
    order: int
    send: Callable[[Link], Coroutine[object, object, None]] = field(compare=False)


class Schedule:
    """What is due, for the connections to take."""

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._numbers = itertools.count()
        self._changed = asyncio.Event()
        self.open = 0
        """Things that are not over yet."""

    def put(self, send: Callable[[Link], Coroutine[object, object, None]], wait: float = 0.0) -> None:
        """Have it sent after a wait."""
        heapq.heappush(self._heap, Due(time.monotonic() + wait, next(self._numbers), send))
        self._changed.set()

    async def take(self) -> Callable[[Link], Coroutine[object, object, None]]:
        """The next that is due."""
        while True:
            wait = self._heap[0].at - time.monotonic() if self._heap else 60.0
            if wait <= 0:
                return heapq.heappop(self._heap).send
            self._changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                pass


class Telegram:
    """Delivers what people write."""

    def __init__(self, orders: Orders, on_acked: Callable[[Message], None]) -> None:
        self._orders = orders
        self._plan = orders.plan
        self._on_acked = on_acked
        self._schedule = Schedule()
        self._waiting: dict[int, deque[tuple[float, Message]]] = defaultdict(deque)
        self._busy: set[int] = set()
        self._left = 0
        self._update_ids = {id(message): 500_000 + k for k, message in enumerate(self._plan.inbound)}
        self.acked: set[tuple[int, int]] = set()
        self.answers: Counter[str] = Counter()
        self.sent = 0

    async def run(self) -> None:
        """Deliver all of it; returns when every message was acknowledged and nothing is under way."""
        self._began = time.monotonic()
        self._left = len(self._plan.inbound)
        for k, message in enumerate(self._plan.inbound):
            self._waiting[message.chat].append((k / self._plan.rate if self._plan.rate else 0.0, message))
        for chat in self._waiting:
            self._next_of(chat)
        async with asyncio.TaskGroup() as tasks:
            clients = [tasks.create_task(self._client()) for _ in range(self._plan.connections)]
            while self._left:  # noqa: ASYNC110  what is left falls in many places
                await asyncio.sleep(0.05)
            for client in clients:
                client.cancel()

    async def _client(self) -> None:
        link = Link(LOOPBACK, self._orders.port)
        while True:
            await (await self._schedule.take())(link)

    def _next_of(self, chat: int) -> None:
        """The chat's next message, when it is written."""
        if not self._waiting[chat]:
            return
        at, message = self._waiting[chat].popleft()
        request = self._request(message)
        luck = random.Random(f"{self._plan.seed}/{chat}/{message.n}/repeat").random()
        wait = max(0.0, self._began + at - time.monotonic())
        self._schedule.put(lambda link: self._deliver(link, message, request, tries=0), wait)
        if luck < TWINS:
            self._again(request, wait)
        elif luck < TWINS + ECHOES:
            self._again(request, wait + 100 * luck)

    def _again(self, request: bytes, wait: float) -> None:
        self._left += 1
        self._schedule.put(lambda link: self._repeat(link, request, tries=0), wait)

    async def _deliver(self, link: Link, message: Message, request: bytes, *, tries: int) -> None:
        if not await self._ask(link, request):
            wait = min(FIRST_WAIT_SECONDS * 2**tries, LONGEST_WAIT_SECONDS)
            self._schedule.put(lambda link: self._deliver(link, message, request, tries=tries + 1), wait)
            return
        self.acked.add((message.chat, message.n))
        self._left -= 1
        self._on_acked(message)
        self._next_of(message.chat)

    async def _repeat(self, link: Link, request: bytes, *, tries: int) -> None:
        if await self._ask(link, request) or tries == 5:
            self._left -= 1
            return
        self._schedule.put(lambda link: self._repeat(link, request, tries=tries + 1), LONGEST_WAIT_SECONDS)

    async def _ask(self, link: Link, request: bytes) -> bool:
        self.sent += 1
        try:
            answer = await link.ask(request, seconds=ANSWER_SECONDS)
        except NoAnswerError as error:
            self.answers[f"none: {error}"[:60]] += 1
            return False
        self.answers[str(answer.status)] += 1
        return 200 <= answer.status < 300

    def _request(self, message: Message) -> bytes:
        hook = self._orders.hooks[str(self._plan.bot_of(message.chat))]
        return post(hook["path"], update(message, self._update_ids[id(message)]), **{SECRET_HEADER: hook["secret"]})


class Agent:
    """Replies to what asks for it, in each chat in order; a reply that got no answer is sent again under its name."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._waiting: dict[int, deque[Message]] = defaultdict(deque)
        self._keys: dict[int, str] = {}
        self._ready: asyncio.Queue[int] = asyncio.Queue()
        self._busy: set[int] = set()
        self._left = 0
        self.answers: Counter[str] = Counter()
        self.done = 0

    def notice(self, message: Message) -> None:
        """A message was delivered."""
        if self._orders.token and message.follow in (Follow.REPLY, Follow.NOTE):
            self._left += 1
            self._waiting[message.chat].append(message)
            self._start(message.chat)

    async def run(self, no_more: asyncio.Event) -> None:
        """Reply until nobody writes any more and everything is answered."""
        async with asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(self._work()) for _ in range(AGENTS)]
            reader = tasks.create_task(self._find_conversations())
            await no_more.wait()
            while self._left:  # noqa: ASYNC110  what is left falls in many places
                await asyncio.sleep(0.05)
            for task in (*workers, reader):
                task.cancel()

    def _start(self, chat: int) -> None:
        if chat in self._keys and chat not in self._busy and self._waiting[chat]:
            self._busy.add(chat)
            self._ready.put_nowait(chat)

    async def _work(self) -> None:
        link = Link(LOOPBACK, self._orders.port)
        while True:
            chat = await self._ready.get()
            message = self._waiting[chat][0]
            if await self._reply(link, message):
                self._waiting[chat].popleft()
                self._left -= 1
                self.done += 1
            else:
                await asyncio.sleep(FIRST_WAIT_SECONDS)
            self._busy.discard(chat)
            self._start(chat)

    async def _reply(self, link: Link, message: Message) -> bool:
        body = {
            "text": message.answer,
            "private_note": message.follow is Follow.NOTE,
            "client_id": f"{message.chat}/{message.n}",
        }
        path = f"/conversations/{self._keys[message.chat]}/parts"
        answer = await self._ask(link, post(self._path(path), json.dumps(body).encode(), **self._headers()))
        return answer is not None and answer.status in (200, 201)

    async def _find_conversations(self) -> None:
        """Page through the inbox until every chat's conversation is known."""
        link = Link(LOOPBACK, self._orders.port)
        chats = {message.chat for message in self._orders.plan.inbound}
        after = ""
        while len(self._keys) < len(chats):
            page = self._path(f"/conversations?limit=100{after}")
            answer = await self._ask(link, get(page, **self._headers()))
            if answer is None or answer.status != 200:
                await asyncio.sleep(FIRST_WAIT_SECONDS)
                continue
            listed = json.loads(answer.body)
            for one in listed["items"]:
                chat = int(one["channels"][0]["provider_channel_id"])
                self._keys.setdefault(chat, one["key"])
                self._start(chat)
            after = f"&after={listed['next']}" if listed["next"] else ""
            if not after:
                await asyncio.sleep(0.5)

    async def _ask(self, link: Link, request: bytes) -> Answer | None:
        try:
            answer = await link.ask(request, seconds=ANSWER_SECONDS)
        except NoAnswerError as error:
            self.answers[f"none: {error}"[:60]] += 1
            return None
        self.answers[str(answer.status)] += 1
        return answer

    def _path(self, path: str) -> str:
        return f"/api/v1/apps/{self._orders.app_key}{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._orders.token}"}


def update(message: Message, update_id: int) -> bytes:
    """What Telegram posts."""
    person = {"id": message.chat, "first_name": "Pat", "last_name": str(message.chat)}
    return json.dumps(
        {
            "update_id": update_id,
            "message": {
                "message_id": message.n + 1,
                "date": 1_790_000_000 + message.n,
                "chat": {**person, "type": "private"},
                "from": {**person, "is_bot": False},
                "text": message.text,
            },
        }
    ).encode()


async def main(orders: Orders) -> None:
    """Do as ordered."""
    agent = Agent(orders)
    telegram = Telegram(orders, agent.notice)
    no_more = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        replying = tasks.create_task(agent.run(no_more))
        telling = tasks.create_task(_tell(telegram, agent))
        await telegram.run()
        no_more.set()
        await replying
        telling.cancel()
    told = {
        "done": True,
        "acked": len(telegram.acked),
        "replied": agent.done,
        "requests": telegram.sent,
        "hook_answers": telegram.answers,
        "rest_answers": agent.answers,
    }
    print(json.dumps(told), flush=True)


async def _tell(telegram: Telegram, agent: Agent) -> None:
    while True:
        print(json.dumps({"acked": len(telegram.acked), "replied": agent.done}), flush=True)
        await asyncio.sleep(TELL_SECONDS)


if __name__ == "__main__":
    read = Orders(**json.loads(Path(sys.argv[1]).read_text()))
    anyio.run(main, read, backend_options={"use_uvloop": True})
