"""Files, edits and signals as calls of the Bot API: which method, which fields, and what its refusals mean."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import BinaryIO

import httpx
import pytest

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    ContentError,
    InvalidError,
    Option,
    OutgoingMedia,
    Piece,
    ReauthError,
    RetryLaterError,
    SendError,
    SentMessage,
    UnknownOutcomeError,
)
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN
from chaskiq_plugins.telegram.tests.telegram_provider import a_piece, answered, refused, scripted, taken
from chaskiq_telegram import TelegramSettings, channel

pytestmark = pytest.mark.anyio

BYTES = b"0123456789"
FILE = Attachment(type="image", provider_file_id="file-1")
SENT = SentMessage(channel_id=str(MAYA), thread_id="", external_ids=("77",))


class Media:
    """Our own files: all hold the same."""

    @asynccontextmanager
    async def open(self, media_id: str) -> AsyncIterator[BinaryIO]:
        yield io.BytesIO(BYTES)


class Sink:
    """Takes up to a limit."""

    def __init__(self, max_bytes: int = 1000) -> None:
        self.max_bytes = max_bytes
        self.taken = b""

    async def write(self, chunk: bytes) -> None:
        if len(self.taken) + len(chunk) > self.max_bytes:
            raise InvalidError("too large")
        self.taken += chunk


def with_media(context: ChannelContext[TelegramSettings]) -> ChannelContext[TelegramSettings]:
    return replace(context, media=Media())


def a_file(kind: str = "image", *, media_id: str | None = "m", mime: str = "image/png") -> OutgoingMedia:
    return OutgoingMedia(
        type=kind,  # type: ignore[arg-type]
        media_id=media_id,
        url="https://x.example/a.png",
        filename="a b.png",
        mime=mime,
    )


def carrying(*files: OutgoingMedia, text: str = "", options: tuple[Option, ...] = ()) -> Piece:
    return replace(a_piece(text), media=files, options=options)


class Recorded:
    """A transport that keeps each request whole: uploads are no forms that `scripted` could read."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, bytes]] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.url.path.rpartition("/")[2], await request.aread()))
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


@asynccontextmanager
async def recorded(*answers: httpx.Response) -> AsyncIterator[tuple[Recorded, ChannelContext[TelegramSettings]]]:
    seen = Recorded(*answers)
    async with scripted(taken()) as (_, context), httpx.AsyncClient(transport=httpx.MockTransport(seen)) as http:
        yield seen, replace(with_media(context), http=http)


@pytest.mark.parametrize(
    ("file", "method", "field"),
    [
        (a_file(), "sendPhoto", b'name="photo"'),
        (a_file(mime="image/gif"), "sendAnimation", b'name="animation"'),
        (a_file("video", mime="video/mp4"), "sendVideo", b'name="video"'),
        (a_file("audio", mime="audio/mpeg"), "sendAudio", b'name="audio"'),
        (a_file("voice", mime="audio/ogg"), "sendVoice", b'name="voice"'),
        (a_file("file", mime="application/pdf"), "sendDocument", b'name="document"'),
    ],
)
async def test_each_file_goes_by_the_method_of_its_type(file: OutgoingMedia, method: str, field: bytes) -> None:
    async with recorded(taken()) as (seen, context):
        receipt = await channel.send(carrying(file, text="Look"), context)

    [(called, body)] = seen.requests
    assert called == method
    assert field in body
    assert BYTES in body
    assert b'filename="a b.png"' in body
    assert b"Look" in body
    assert receipt.external_ids == ("77",)


async def test_a_file_of_somebody_else_s_goes_by_its_address() -> None:
    async with recorded(taken()) as (seen, context):
        await channel.send(carrying(a_file(media_id=None)), context)

    [(called, body)] = seen.requests
    assert (called, b"https%3A%2F%2Fx.example%2Fa.png" in body) == ("sendPhoto", True)


async def test_an_album_has_all_ids_and_its_caption_once() -> None:
    results = [{"message_id": number, "date": 1, "chat": {"id": MAYA, "type": "private"}} for number in (7, 8)]
    async with recorded(answered(results)) as (seen, context):
        receipt = await channel.send(carrying(a_file(), a_file(), text="Both"), context)

    [(called, body)] = seen.requests
    assert called == "sendMediaGroup"
    assert (body.count(BYTES), body.count(b"Both")) == (2, 1)
    assert receipt.external_ids == ("7", "8")
    assert receipt.message_keys == (f"{MAYA}:7", f"{MAYA}:8")


async def test_an_album_without_ids_is_unknown() -> None:
    async with recorded(answered([])) as (_, context):
        with pytest.raises(UnknownOutcomeError):
            await channel.send(carrying(a_file(), a_file()), context)


async def test_an_image_that_telegram_can_t_show_is_sent_again_as_a_file() -> None:
    refusal = refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    async with recorded(refusal, taken()) as (seen, context):
        await channel.send(carrying(a_file()), context)

    assert [called for called, _ in seen.requests] == ["sendPhoto", "sendDocument"]
    assert BYTES in seen.requests[1][1]


async def test_options_are_buttons_with_their_places() -> None:
    options = (Option(id="y", label="Yes"), Option(id="n", label="No"), Option(id="l", label="Something much longer"))
    async with recorded(taken()) as (seen, context):
        await channel.send(replace(a_piece("Sure?"), options=options), context)

    body = seen.requests[0][1].decode()
    assert [body.count(f"%22callback_data%22%3A+%22{n}%22") for n in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("piece", "method"),
    [(a_piece("other"), "editMessageText"), (carrying(a_file(), text="other"), "editMessageCaption")],
)
@pytest.mark.parametrize("answer", [taken(), refused(400, "Bad Request: message is not modified: specified new …")])
async def test_an_edit_changes_the_text_or_the_caption_and_may_be_repeated(
    piece: Piece, method: str, answer: httpx.Response
) -> None:
    async with recorded(answer) as (seen, context):
        await channel.edit(piece, SENT, context)

    [(called, body)] = seen.requests
    assert (called, b"message_id=77" in body) == (method, True)


@pytest.mark.parametrize(
    ("sent", "method"),
    [
        (SENT, "deleteMessage"),
        (replace(SENT, external_ids=("7", "8")), "deleteMessages"),
        (replace(SENT, thread_id="biz-connection"), "deleteBusinessMessages"),
    ],
)
@pytest.mark.parametrize("answer", [answered(True), refused(400, "Bad Request: message to delete not found")])
async def test_what_was_sent_is_taken_back_and_may_be_gone_already(
    sent: SentMessage, method: str, answer: httpx.Response
) -> None:
    async with recorded(answer) as (seen, context):
        await channel.delete(sent, context)

    assert [called for called, _ in seen.requests] == [method]


async def test_an_old_message_that_can_t_be_deleted_is_the_content_s_fault() -> None:
    async with recorded(refused(400, "Bad Request: message can't be deleted")) as (_, context):
        with pytest.raises(ContentError):
            await channel.delete(SENT, context)


@pytest.mark.parametrize(
    "answer",
    [answered(True), refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")],
)
async def test_a_press_is_acknowledged_if_anybody_still_waits(answer: httpx.Response) -> None:
    async with recorded(answer) as (seen, context):
        await channel.acknowledge("query", context)

    assert seen.requests[0][0] == "answerCallbackQuery"


async def test_typing_is_shown_in_the_topic() -> None:
    async with recorded(answered(True)) as (seen, context):
        await channel.typing(str(MAYA), "118", context)

    [(called, body)] = seen.requests
    assert (called, b"message_thread_id=118" in body, b"action=typing" in body) == ("sendChatAction", True, True)


FOUND = answered({"file_id": "file-1", "file_unique_id": "u", "file_size": 10, "file_path": "photos/1.jpg"})


async def test_a_file_is_written_to_its_sink() -> None:
    sink = Sink()
    async with recorded(FOUND, httpx.Response(200, content=BYTES)) as (seen, context):
        await channel.fetch_media(FILE, sink, context)

    assert sink.taken == BYTES
    assert [called for called, _ in seen.requests] == ["getFile", "1.jpg"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([refused(400, "Bad Request: file is too big")], ContentError),
        ([refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")], ContentError),
        ([refused(401, "Unauthorized")], ReauthError),
        ([refused(500, "Internal Server Error")], RetryLaterError),
        ([answered({"file_id": "file-1"})], UnknownOutcomeError),
        ([answered({"file_id": "file-1", "file_path": "/var/lib/bot/1.jpg"})], ContentError),
        ([FOUND, httpx.Response(404)], RetryLaterError),
        ([FOUND, httpx.Response(502, text="proxy")], RetryLaterError),
        ([FOUND, httpx.Response(413)], ContentError),
        ([FOUND, httpx.Response(200, content=BYTES[:5])], RetryLaterError),
    ],
)
async def test_a_fetch_that_fails_says_what_is_next_and_never_the_token(
    answers: list[httpx.Response], error: type[SendError], caplog: pytest.LogCaptureFixture
) -> None:
    async with recorded(*answers) as (_, context):
        with pytest.raises(error) as raised:
            await channel.fetch_media(FILE, Sink(), context)

    assert TOKEN.partition(":")[2] not in str(raised.value) + caplog.text


async def test_what_the_sink_refuses_is_raised_as_it_is() -> None:
    async with recorded(FOUND, httpx.Response(200, content=BYTES)) as (_, context):
        with pytest.raises(InvalidError):
            await channel.fetch_media(FILE, Sink(max_bytes=5), context)
