"""What a request of the JSON API names: its bot, its chat, its body and files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import UploadFile
from starlette.requests import Request

from chaskiq_core.testing.sandbox import CustomerApiError, JsonObject, body_of, read_object
from chaskiq_telegram.sandbox.errors import BotApiError
from chaskiq_telegram.sandbox.files.incoming import Incoming, TooLargeError, tray
from chaskiq_telegram.sandbox.ids import whole_number
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

MAX_FILE_BYTES = 2_000 * 1024 * 1024  # people may send more than bots


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
