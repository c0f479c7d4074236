"""What a request of the JSON API names: its bot, its chat, its body, its numbers; and a look that can wait."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from chaskiq_telegram.sandbox.errors import BotApiError, CustomerApiError
from chaskiq_telegram.sandbox.files.incoming import Incoming, TooLargeError, tray
from chaskiq_telegram.sandbox.json_value import JsonObject, read_object, whole_number
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox
from chaskiq_telegram.sandbox.tasks import first_of

LONGEST_WAIT_SECONDS = 60.0
MAX_FILE_BYTES = 2_000 * 1024 * 1024  # people may send more than bots
Seen = TypeVar("Seen")


def bot_of(sandbox: TelegramSandbox, request: Request) -> Bot:
    try:
        return sandbox.bot_of(request.path_params["token"])
    except BotApiError as error:
        raise CustomerApiError(404, "no such bot: its token is malformed, unknown or revoked") from error


def chat_id_of(request: Request) -> int:
    chat_id = whole_number(request.path_params["chat_id"])
    if chat_id is None:
        raise CustomerApiError(404, "a chat's id is a whole number")
    return chat_id


def space_of(sandbox: TelegramSandbox, request: Request, bot: Bot) -> int:
    """Where the chat is kept: the bot's, or with `business_connection_id` a business account's."""
    connection_id = request.query_params.get("business_connection_id")
    if connection_id is None:
        return bot.id
    connection = sandbox.connections.find(bot.id, connection_id)
    if connection is None:
        raise CustomerApiError(404, f"the bot has no business connection {connection_id}")
    return connection.space


def known_chat(sandbox: TelegramSandbox, request: Request, space: int) -> Chat:
    chat_id = chat_id_of(request)
    chat = sandbox.state.chat(space, chat_id)
    if chat is None:
        raise CustomerApiError(404, f"the bot has no chat {chat_id}")
    return chat


def number_of(request: Request, name: str) -> int:
    """The number of this query parameter; 0 if it isn't there."""
    number = whole_number(request.query_params.get(name, "0"))
    if number is None:
        raise CustomerApiError(422, f"{name} must be a whole number")
    return number


async def body_of(request: Request) -> JsonObject:
    try:
        return read_object(await request.body())
    except ValueError:
        raise CustomerApiError(422, "the body must be a JSON object") from None


@asynccontextmanager
async def body_and_files(
    sandbox: TelegramSandbox, request: Request
) -> AsyncIterator[tuple[JsonObject, list[Incoming]]]:
    """The body and no files; of a multipart request the part `message` and all files, in order."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        yield await body_of(request), []
        return
    async with tray(sandbox.files.folder) as files, request.form() as form:
        try:
            body = read_object(str(form.get("message", "{}")))
            uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
            came = [
                await files.put(str(place), upload, max_bytes=MAX_FILE_BYTES) for place, upload in enumerate(uploads)
            ]
        except ValueError:
            raise CustomerApiError(422, "the part `message` must be a JSON object") from None
        except TooLargeError:
            raise CustomerApiError(413, "the file is too large") from None
        yield body, came


async def look(
    sandbox: TelegramSandbox, request: Request, see: Callable[[], Seen], is_news: Callable[[Seen], bool]
) -> Seen:
    """What there is to see; with `wait`, up to so many seconds until there is news."""
    with anyio.move_on_after(min(float(number_of(request, "wait")), LONGEST_WAIT_SECONDS)):
        while not sandbox.closing.is_set():
            rung = sandbox.news.rung
            seen = see()
            if is_news(seen):
                return seen
            await first_of(rung.wait, sandbox.closing.wait)
    return see()


def explain(error: ValidationError) -> str:
    """Pydantic's findings in one sentence."""
    return "; ".join(f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}" for found in error.errors())
