"""Files on their way out: an address to upload to, the bytes, then all of them shared as one message."""

import os
from collections.abc import AsyncIterator
from typing import BinaryIO

import anyio
import httpx
from anyio import to_thread

from chaskiq_core.plugin import (
    ChannelContext,
    ContentError,
    JsonObject,
    OutgoingMedia,
    Piece,
    Receipt,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
)
from chaskiq_slack.calling.answer import no_answer
from chaskiq_slack.calling.api import Api
from chaskiq_slack.calling.message import words_of
from chaskiq_slack.chats import message_key
from chaskiq_slack.escape import escape
from chaskiq_slack.fields import id_at, object_at, objects_at, text_at, ts_at
from chaskiq_slack.manifest import SlackSettings

CHUNK_BYTES = 1 << 16
ASK_AFTER_SECONDS = (0.2, 0.5, 1.0, 2.0)
"""Slack tells no message in its answer: it is asked where the file is now, so often."""


async def send_files(piece: Piece, context: ChannelContext[SlackSettings], api: Api) -> Receipt:
    """Upload the piece's files and share them with its text; the message's id, or if Slack is slow the files' own."""
    try:
        shared = [{"id": await _upload(file, context, api), "title": file.filename} for file in piece.media]
    except UnknownOutcomeError as error:
        # what was uploaded and not shared is seen by nobody
        raise RetryLaterError(error.message, code=error.code) from error
    answer = await api.write(
        "files.completeUploadExternal",
        files=shared,
        channel_id=piece.channel_id,
        thread_ts=piece.thread_id or None,
        initial_comment=comment_of(piece) or None,
    )
    ids = [id_at(one, "id") for one in objects_at(answer, "files")] or [one["id"] for one in shared]
    if ts := await _find_share(ids[0], piece.channel_id, api):
        return Receipt(external_ids=(ts,), message_keys=(message_key(piece.channel_id, ts),))
    return Receipt(external_ids=tuple(ids), message_keys=tuple(f"file:{one}" for one in ids))


def comment_of(piece: Piece) -> str:
    """The text beside files. Buttons can't stand there: the choices are numbered."""
    text, _ = words_of(piece)
    lines = [f"{n}. {escape(option.label)}" for n, option in enumerate(piece.options, 1)]
    return "\n".join(line for line in (text, *lines) if line.strip())


def link_of(file: OutgoingMedia) -> str:
    """A file that is not ours to upload, as a link."""
    return f"<{escape(file.url).replace('|', '%7C')}|{escape(file.filename)}>"


async def _upload(file: OutgoingMedia, context: ChannelContext[SlackSettings], api: Api) -> str:
    if file.media_id is None:
        raise ContentError(f"{file.filename} is not among our files")
    async with context.media.open(file.media_id) as stream:
        length = await to_thread.run_sync(_length, stream)
        if not length:
            raise ContentError(f"{file.filename} is empty: Slack takes no empty file")
        place = await api.write("files.getUploadURLExternal", filename=file.filename, length=length)
        address, file_id = text_at(place, "upload_url"), id_at(place, "file_id")
        if not address.startswith(("https://", "http://")) or not file_id:
            raise RetryLaterError("Slack did not say where to upload the file")
        try:
            # without the token: the address is one that only we were told
            response = await context.http.post(
                address,
                content=_chunks(stream),
                headers={"content-type": "application/octet-stream", "content-length": str(length)},
                timeout=api.timeout(),
            )
        except httpx.HTTPError as error:
            raise RetryLaterError(no_answer(error, writes=False).message) from None
    if not response.is_success:
        raise RetryLaterError(f"the upload was answered {response.status_code}", code=str(response.status_code))
    return file_id


def _length(stream: BinaryIO) -> int:
    length = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return length


async def _chunks(stream: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await to_thread.run_sync(stream.read, CHUNK_BYTES):
        yield chunk


async def _find_share(file_id: str, channel: str, api: Api) -> str:
    """The ts of the message that a file came with; '' if Slack can't tell yet."""
    for wait in ASK_AFTER_SECONDS:
        try:
            answer = await api.read("files.info", file=file_id)
        except SendError:
            return ""  # it was shared: what can't be asked now costs it nothing
        if ts := _share_in(object_at(answer, "file"), channel):
            return ts
        if api.seconds_left < wait * 2:
            return ""
        await anyio.sleep(wait)
    return ""


def _share_in(file: JsonObject, channel: str) -> str:
    shares = object_at(file, "shares")
    for kind in ("public", "private"):
        for share in objects_at(object_at(shares, kind), channel):
            if ts := ts_at(share, "ts"):
                return ts
    return ""
