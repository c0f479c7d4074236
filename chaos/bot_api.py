"""`python -m chaos.bot_api`: Telegram's side that bots call, with faults by a seeded schedule, and a record of all.

It speaks what the Telegram plugin needs to install and send, at a cost that lets a campaign be about the engine; how a
real Bot API looks at a message is the sandbox's business. It prints its port, then a line
`{"kill_port": N}` whenever whoever is connected from that port shall be killed: it has just taken their message, and
never answers. `POST /arm` asks for one such kill. `GET /record` is all attempts to send.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import cast
from urllib.parse import parse_qs

import anyio
from httptools import HttpRequestParser

from chaos.plan import CANARY, LOOPBACK

HTML = "<html><body>It works!</body></html>"


@dataclass(slots=True)
class Attempt:
    """A sendMessage as it came."""

    chat: int
    text: str
    fault: str
    """'' for none, else a name of `FAULTS`, or `kill`."""
    accepted: bool
    at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the provider saw in a run."""

    canaries: int
    """Requests in which a private note stood."""
    attempts: list[Attempt]


@dataclass(frozen=True, slots=True)
class Fault:
    """A thing that goes wrong, and how often."""

    name: str
    share: float
    is_known: bool
    """Whether the caller can know that nothing was accepted."""


FAULTS = (
    Fault("429", 0.02, is_known=True),
    Fault("500", 0.015, is_known=True),
    Fault("502", 0.005, is_known=True),
    Fault("hang", 0.001, is_known=False),
    Fault("reset", 0.003, is_known=False),
    Fault("reset-before", 0.002, is_known=False),
    Fault("garbage", 0.002, is_known=False),
    Fault("garbage-before", 0.001, is_known=False),
    Fault("half", 0.001, is_known=False),
    Fault("no-id", 0.001, is_known=False),
)
UNKNOWABLE = frozenset({fault.name for fault in FAULTS if not fault.is_known} | {"kill"})
"""After these the caller can't know whether the message was accepted."""
REFUSED = frozenset({"429", "500", "502", "reset-before", "garbage-before"})
"""With these nothing is accepted."""


def fault_of(seed: int, chat: int, text: str, attempt: int) -> str:
    """What goes wrong with the attempt of that number at a message; '' for nothing, as with a seed below 0."""
    if seed < 0:
        return ""
    point = random.Random(f"{seed}/{chat}/{text}/{attempt}/fault").random()
    for fault in FAULTS:
        if point < fault.share:
            return fault.name
        point -= fault.share
    return ""


class BotApi:
    """What Telegram knows."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.attempts: list[Attempt] = []
        self.tried: Counter[tuple[int, str]] = Counter()
        self.armed = 0
        self.canaries = 0
        self.connections = 0


class Connection(asyncio.Protocol):
    """One caller's connection."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._url = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if CANARY.encode() in self._body:
            self._api.canaries += 1
        match self._url.decode().removeprefix("/").split("/"):
            case ["arm"]:
                self._api.armed += 1
                self._say({"ok": True})
            case ["record"]:
                record = {"canaries": self._api.canaries, "attempts": [asdict(one) for one in self._api.attempts]}
                self._say(record)
            case [bot, "sendMessage"]:
                self._send(bot)
            case [bot, "getMe"]:
                number = _number(bot)
                name = f"chaos_{number}_bot"
                self._yes({"id": number, "is_bot": True, "first_name": "Chaos", "username": name})
            case _:
                self._yes(True)

    def _send(self, bot: str) -> None:
        fields = {name: values[0] for name, values in parse_qs(self._body.decode()).items()}
        chat, text = int(fields["chat_id"]), fields["text"]
        self._api.tried[chat, text] += 1
        fault = fault_of(self._api.seed, chat, text, self._api.tried[chat, text])
        if not fault and self._api.armed:
            self._api.armed -= 1
            fault = "kill"
        self._api.attempts.append(Attempt(chat, text, fault, fault not in REFUSED, time.time()))
        match fault:
            case "":
                self._yes(self._message(chat, text))
            case "429":
                self._no(429, "Too Many Requests: retry after 1", parameters={"retry_after": 1})
            case "500":
                self._no(500, "Internal Server Error")
            case "502":
                self._no(502, "Bad Gateway")
            case "hang":
                pass
            case "kill":
                print(json.dumps({"kill_port": self._transport.get_extra_info("peername")[1]}), flush=True)
            case "reset" | "reset-before":
                self._transport.abort()
            case "half":
                self._answer(200, json.dumps({"ok": True, "result": self._message(chat, text)})[:-20])
            case "no-id":
                self._yes({"chat": {"id": chat, "type": "private"}})
            case _:
                self._answer(200, HTML)

    def _message(self, chat: int, text: str) -> dict[str, object]:
        number = len(self._api.attempts) + 1_000_000
        return {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "Pat"},
            "text": text,
        }

    def _yes(self, result: object) -> None:
        self._say({"ok": True, "result": result})

    def _no(self, status: int, description: str, **more: object) -> None:
        self._answer(status, json.dumps({"ok": False, "error_code": status, "description": description, **more}))

    def _say(self, document: object) -> None:
        self._answer(200, json.dumps(document))

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def main(seed: int) -> None:
    """Serve until killed."""
    api = BotApi(seed)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(api), LOOPBACK, 0, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


def _number(bot: str) -> int:
    return int(bot.removeprefix("bot").partition(":")[0])


if __name__ == "__main__":
    anyio.run(main, int(sys.argv[1]), backend_options={"use_uvloop": True})
