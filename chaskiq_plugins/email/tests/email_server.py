"""A mail server that takes mails as the tests say, and keeps them."""

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from io import BytesIO
from typing import BinaryIO

import anyio
import httpx
from anyio.abc import SocketStream

from chaskiq_core.plugin import ChannelContext, Document, OutgoingMedia, Piece, Thread, document_from_text
from chaskiq_email import EmailSettings
from chaskiq_plugins.email.tests.email_mails import SECRET, US

CONVERSATION = "AbCdEfGhIjKlMnOpQrStUvWx"
ABOUT = Thread(conversation=CONVERSATION, subject="The kiln", references=("a@x.example", "b@x.example"), author="Ann")


@dataclass(slots=True)
class Script:
    """What the server says to each command; a text is the answer, None is silence, `close` hangs up."""

    answers: dict[str, str | None] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@asynccontextmanager
async def scripted(**answers: str | None) -> AsyncIterator[tuple[Script, EmailSettings]]:
    """A server that answers so to EHLO, AUTH, MAIL, RCPT, DATA and `dot`; and settings to reach it."""
    script = Script(dict(answers))
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", family=socket.AF_INET)
    port = listener.listeners[0].extra(anyio.abc.SocketAttribute.local_port)
    settings = EmailSettings(
        from_address=US, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", inbound_secret=SECRET
    )

    async def talk(stream: SocketStream) -> None:
        async with stream:
            await _talk(stream, script)

    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, talk)
        try:
            yield script, settings
        finally:
            tasks.cancel_scope.cancel()


async def _talk(stream: SocketStream, script: Script) -> None:
    usual = {"EHLO": "250-server\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 30000000", "DATA": "354 go on", "QUIT": "221 bye"}
    lines = _Lines(stream)
    await stream.send(b"220 server ESMTP\r\n")
    while (line := await lines.next()) is not None:
        script.said.append(line)
        verb = line.split(" ")[0].upper()
        answer = script.answers.get(verb, usual.get(verb, "250 ok"))
        if not await _answer(stream, answer):
            return
        if verb == "DATA" and answer is not None and answer.startswith("354"):
            mail = await lines.until_dot()
            if not await _answer(stream, script.answers.get("dot", "250 taken")):
                return
            if (script.answers.get("dot") or "250").startswith("250"):
                script.taken.append(BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(mail))
        if verb == "QUIT":
            return


async def _answer(stream: SocketStream, answer: str | None) -> bool:
    if answer == "close":
        return False
    if answer is not None:
        await stream.send(answer.encode() + b"\r\n")
    return True


class _Lines:
    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self._buffer = b""

    async def next(self) -> str | None:
        while b"\r\n" not in self._buffer:
            try:
                self._buffer += await self._stream.receive()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return None
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line.decode()

    async def until_dot(self) -> bytes:
        while b"\r\n.\r\n" not in self._buffer:
            self._buffer += await self._stream.receive()
        mail, _, self._buffer = self._buffer.partition(b"\r\n.\r\n")
        return mail.replace(b"\r\n..", b"\r\n.") + b"\r\n"


@dataclass(frozen=True, slots=True)
class Files:
    """Our own files, by id."""

    contents: dict[str, bytes]

    def open(self, media_id: str) -> AbstractAsyncContextManager[BinaryIO]:
        @asynccontextmanager
        async def opened() -> AsyncIterator[BinaryIO]:
            yield BytesIO(self.contents[media_id])

        return opened()


def context_of(
    settings: EmailSettings, *, timeout_seconds: float = 10, files: dict[str, bytes] | None = None
) -> ChannelContext[EmailSettings]:
    """What the host gives to a hook."""
    return ChannelContext(
        settings=settings,
        http=httpx.AsyncClient(),
        timeout_seconds=timeout_seconds,
        log=logging.getLogger("chaskiq.plugin.email"),
        media=Files(files or {}),
    )


def a_piece(
    text: str = "hello",
    *,
    content: Document | None = None,
    media: tuple[OutgoingMedia, ...] = (),
    thread: Thread | None = ABOUT,
    to: str = "ruth@home.example",
    reply_to: str | None = None,
) -> Piece:
    """A mail to send."""
    return Piece(
        channel_id=to,
        thread_id="a@x.example",
        text=text,
        content=content or document_from_text(text),
        attempt_id="attempt",
        key=f"{CONVERSATION}-0",
        reply_to=reply_to,
        media=media,
        thread=thread,
    )
