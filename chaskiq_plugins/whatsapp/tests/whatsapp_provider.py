"""A Graph API of scripted answers, and who sends to it."""

import io
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

import httpx

from chaskiq_core.plugin import ChannelContext, Document, Option, OutgoingMedia, Piece, document_from_text, text_of
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import NUMBER_ID, RUTH, WABA_ID, Fields
from chaskiq_whatsapp import WhatsAppSettings

TOKEN = "EAAG-token"
API = "https://graph.facebook.com/v25.0"


@dataclass(slots=True)
class Script:
    """Answers requests from a list, and keeps them; the last answer stands."""

    answers: list[httpx.Response | httpx.HTTPError]
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    @property
    def paths(self) -> list[str]:
        """What was asked for."""
        return [f"{one.method} {one.url.path}" for one in self.asked]

    def body(self, call: int = -1) -> Fields:
        """The JSON of one call."""
        told: Fields = json.loads(self.asked[call].content)
        return told


class Files:
    """Our store, with one content for every file."""

    def __init__(self, content: bytes = b"bytes of it") -> None:
        self._content = content

    @asynccontextmanager
    async def open(self, media_id: str) -> AsyncIterator[BinaryIO]:
        yield io.BytesIO(self._content)


class Sink:
    """Keeps what is fetched."""

    def __init__(self, max_bytes: int = 1000) -> None:
        self.max_bytes = max_bytes
        self.content = b""

    async def write(self, chunk: bytes) -> None:
        self.content += chunk


@asynccontextmanager
async def scripted(
    *answers: httpx.Response | httpx.HTTPError, timeout_seconds: float = 10, api_base: str = "", waba: bool = True
) -> AsyncIterator[tuple[Script, ChannelContext[WhatsAppSettings]]]:
    """A Graph API that answers so, and a context to call it in."""
    script = Script(list(answers))
    async with httpx.AsyncClient(transport=httpx.MockTransport(script)) as http:
        yield script, context_of(http, timeout_seconds=timeout_seconds, api_base=api_base, waba=waba)


def context_of(
    http: httpx.AsyncClient, *, timeout_seconds: float = 10, api_base: str = "", waba: bool = True
) -> ChannelContext[WhatsAppSettings]:
    settings = WhatsAppSettings(
        phone_number_id=NUMBER_ID,
        access_token=TOKEN,
        app_secret="app-secret",
        verify_token="words",
        waba_id=WABA_ID if waba else None,
        **({"api_base": api_base} if api_base else {}),
    )
    log = logging.getLogger("test.whatsapp")
    return ChannelContext(settings=settings, http=http, timeout_seconds=timeout_seconds, log=log, media=Files())


def taken(wamid: str = "wamid.O1", **contact: str) -> httpx.Response:
    """Meta's answer to a message that it took."""
    contacts = [{"input": RUTH, "wa_id": RUTH, **contact}]
    return answered({"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": wamid}]})


def answered(told: object) -> httpx.Response:
    """Meta's answer to a call that it carried out."""
    return httpx.Response(200, json=told)


def refused(
    code: int, *, status: int = 400, headers: Mapping[str, str] | None = None, **more: object
) -> httpx.Response:
    """Meta's refusal."""
    error = {"message": f"(#{code}) No", "type": "OAuthException", "code": code, "fbtrace_id": "A", **more}
    return httpx.Response(status, json={"error": error}, headers=headers)


def a_piece(
    content: str | Document = "hello",
    *,
    chat: str = RUTH,
    thread: str = "",
    reply_to: str | None = None,
    key: str = "piece-1",
    options: tuple[str, ...] = (),
    media: tuple[OutgoingMedia, ...] = (),
) -> Piece:
    """One message on its way."""
    document = document_from_text(content) if isinstance(content, str) else content
    return Piece(
        channel_id=chat,
        thread_id=thread,
        text=text_of(document),
        content=document,
        attempt_id="attempt",
        key=key,
        reply_to=reply_to,
        options=tuple(Option(id=f"o{n}", label=label) for n, label in enumerate(options)),
        media=media,
    )
