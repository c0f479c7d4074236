"""A Web API that answers as it is told, and a context to call it in."""

import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import parse_qsl

import httpx

from chaskiq_core.plugin import ChannelContext, Document, Option, OutgoingMedia, Piece, document_from_text, text_of
from chaskiq_slack import SlackSettings

API = "https://slack.com/api"
TOKEN = "xoxb-1-tests"
Answer = httpx.Response | httpx.HTTPError


@dataclass(slots=True)
class Script:
    """Answers calls from a list, and keeps what was asked; the last answer stands."""

    answers: list[Answer]
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        form: dict[str, object] = {"body": body}
        if is_form:
            form = {name: _value(value) for name, value in parse_qsl(body.decode())}
        self.asked.append((request.url.path.rpartition("/")[2], form))
        self.requests.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    @property
    def methods(self) -> list[str]:
        """What was called, in order."""
        return [method for method, _ in self.asked]


class Files:
    """Our own files, by their id."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    @asynccontextmanager
    async def open(self, media_id: str) -> AsyncIterator[BinaryIO]:
        """The file, at its start."""
        yield io.BytesIO(self._files[media_id])


class Kept:
    """Where a fetched file goes."""

    max_bytes = 10_000_000

    def __init__(self) -> None:
        self.bytes = b""

    async def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self.bytes += chunk


@asynccontextmanager
async def scripted(
    *answers: Answer, api_base: str = API, files: dict[str, bytes] | None = None, timeout_seconds: float = 10
) -> AsyncIterator[tuple[Script, ChannelContext[SlackSettings]]]:
    """A Web API that answers so, and a context to call it in."""
    script = Script(list(answers))
    async with httpx.AsyncClient(transport=httpx.MockTransport(script)) as http:
        yield (
            script,
            ChannelContext(
                settings=SlackSettings(bot_token=TOKEN, signing_secret="s", api_base=api_base),
                http=http,
                timeout_seconds=timeout_seconds,
                log=logging.getLogger("test.slack"),
                media=Files(files or {}),
            ),
        )


def ok(**told: object) -> httpx.Response:
    """A call that was carried out."""
    return httpx.Response(200, json={"ok": True, **told})


def no(error: str, *, status: int = 200, headers: dict[str, str] | None = None, **told: object) -> httpx.Response:
    """A refusal, which Slack answers with 200 too."""
    return httpx.Response(status, json={"ok": False, "error": error, **told}, headers=headers)


def posted(ts: str = "1790000000.000200", channel: str = "C01HELP") -> httpx.Response:
    """A message that was taken."""
    return ok(channel=channel, ts=ts, message={"text": "x"})


def a_piece(
    content: str | Document = "hello",
    *,
    channel: str = "C01HELP",
    thread: str = "",
    options: tuple[str, ...] = (),
    media: tuple[OutgoingMedia, ...] = (),
) -> Piece:
    """One message on its way."""
    document = document_from_text(content) if isinstance(content, str) else content
    return Piece(
        channel_id=channel,
        thread_id=thread,
        text=text_of(document),
        content=document,
        attempt_id="attempt",
        key="01ABC-0",
        options=tuple(Option(id=one, label=one) for one in options),
        media=media,
    )


def a_file(name: str = "a.pdf", media_id: str | None = "m1", size: int | None = 3) -> OutgoingMedia:
    """A file on its way."""
    return OutgoingMedia(type="file", media_id=media_id, url=f"https://files.example/{name}", filename=name, size=size)


def _value(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict | list | bool) else text
