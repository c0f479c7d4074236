"""Files on their way out: each by the method of its type, several as an album, from our store or by their address."""

from contextlib import AsyncExitStack
from typing import TypeAlias, TypedDict

from telegram import (
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    ReplyParameters,
)

from chaskiq_core.plugin import ChannelContext, ContentError, OutgoingMedia, Piece
from chaskiq_telegram.calling.keyboard import keyboard_of
from chaskiq_telegram.calling.looks import with_looks
from chaskiq_telegram.calling.request import ContextRequest
from chaskiq_telegram.manifest import TelegramSettings

NO_PHOTO = ("photo_invalid_dimensions", "image_process_failed", "photo_ext_invalid", "photo_save_file_invalid")
"""What Telegram says of an image that it takes as a file only."""
Source: TypeAlias = InputFile | str
AlbumItem: TypeAlias = InputMediaPhoto | InputMediaVideo | InputMediaAudio | InputMediaDocument


class Common(TypedDict):
    """What every send method takes."""

    message_thread_id: int | None
    direct_messages_topic_id: int | None
    business_connection_id: str | None
    reply_parameters: ReplyParameters | None


class Captioned(Common):
    """What every method that sends one file takes beside the file."""

    caption: str | None
    parse_mode: str | None
    reply_markup: InlineKeyboardMarkup | None


async def send_files(
    piece: Piece, context: ChannelContext[TelegramSettings], request: ContextRequest, common: Common
) -> object:
    """Send the piece's files with its text as caption; Telegram's message, or its messages."""
    try:
        return await _send(piece, context, request, common, as_files=False)
    except ContentError as error:
        if not any(reason in error.message.lower() for reason in NO_PHOTO):
            raise
        context.log.info("Telegram takes an image as a file only: %s", error.message)
    return await _send(piece, context, request, common, as_files=True)


async def _send(
    piece: Piece, context: ChannelContext[TelegramSettings], request: ContextRequest, common: Common, *, as_files: bool
) -> object:
    async def send(text: str, mode: str | None) -> object:
        async with AsyncExitStack() as opened:
            # opened for each try: a refused upload has read them to their end
            sources = [await _source(file, context, opened, attach=len(piece.media) > 1) for file in piece.media]
            if len(piece.media) > 1:
                return await _album(piece, request, common, sources, text, mode, as_files=as_files)
            [file], [source] = piece.media, sources
            told = Captioned(**common, caption=text or None, parse_mode=mode, reply_markup=keyboard_of(piece.options))
            kind = "file" if as_files else file.type
            return await _one(piece.channel_id, file, kind, request, source, told)

    return await with_looks(piece, context.log, send)


async def _source(
    file: OutgoingMedia, context: ChannelContext[TelegramSettings], opened: AsyncExitStack, *, attach: bool
) -> Source:
    if file.media_id is None:
        return file.url
    stream = await opened.enter_async_context(context.media.open(file.media_id))
    return InputFile(stream, filename=file.filename, attach=attach, read_file_handle=False)


async def _one(
    chat_id: str, file: OutgoingMedia, kind: str, request: ContextRequest, source: Source, told: Captioned
) -> object:
    bot, seconds = request.bot, round(file.duration) if file.duration else None
    match kind:
        case "image" if file.mime == "image/gif":
            call = bot.send_animation(chat_id, source, **told)
        case "image":
            call = bot.send_photo(chat_id, source, **told)
        case "video":
            call = bot.send_video(
                chat_id,
                source,
                duration=seconds,
                width=file.width,
                height=file.height,
                supports_streaming=True,
                **told,
            )
        case "audio":
            call = bot.send_audio(chat_id, source, duration=seconds, **told)
        case "voice":
            call = bot.send_voice(chat_id, source, duration=seconds, **told)
        case _:
            call = bot.send_document(chat_id, source, **told)
    return await request.result_of(call)


async def _album(
    piece: Piece,
    request: ContextRequest,
    common: Common,
    sources: list[Source],
    text: str,
    mode: str | None,
    *,
    as_files: bool,
) -> object:
    """The caption stands under the first: clients show it as the album's."""
    items = [
        _item(file, source, text if n == 0 else None, mode, as_file=as_files)
        for n, (file, source) in enumerate(zip(piece.media, sources, strict=True))
    ]
    return await request.result_of(request.bot.send_media_group(piece.channel_id, items, **common))


def _item(file: OutgoingMedia, source: Source, caption: str | None, mode: str | None, *, as_file: bool) -> AlbumItem:
    match "file" if as_file else file.type:
        case "image":
            return InputMediaPhoto(source, caption=caption, parse_mode=mode)
        case "video":
            return InputMediaVideo(source, caption=caption, parse_mode=mode, supports_streaming=True)
        case "audio":
            return InputMediaAudio(source, caption=caption, parse_mode=mode)
        case _:
            return InputMediaDocument(source, caption=caption, parse_mode=mode)
