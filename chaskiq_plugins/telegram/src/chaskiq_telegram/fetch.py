"""Fetching a file that came in: where it is now, then its bytes, as they come."""

import time

import httpx

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    ContentError,
    JsonObject,
    MediaSink,
    RetryLaterError,
    UnknownOutcomeError,
)
from chaskiq_telegram.calling.answer import no_answer
from chaskiq_telegram.calling.request import ContextRequest
from chaskiq_telegram.fields import natural_at, text_at
from chaskiq_telegram.manifest import TelegramSettings

AS_IT_IS = {"accept-encoding": "identity"}
"""A file is compressed already, and its size is known as it is."""
CHUNK_BYTES = 1 << 16
SILENCE_SECONDS = 10.0
"""How long no byte may come."""
LOCAL = "a Bot API server in local mode names a file on its own disk; run it without --local"


async def fetch_file(attachment: Attachment, target: MediaSink, context: ChannelContext[TelegramSettings]) -> None:
    """Write the file's bytes to the target. The address holds the token: it is in no message and no log."""
    ends_at = time.monotonic() + context.timeout_seconds
    request = ContextRequest(context)
    found = await request.result_of(request.bot.get_file(attachment.provider_file_id or ""))
    file: JsonObject = found if isinstance(found, dict) else {}
    path, size = text_at(file, "file_path"), natural_at(file, "file_size")
    if not path:
        raise UnknownOutcomeError("Telegram did not say where the file is")
    if path.startswith("/"):
        raise ContentError(LOCAL)
    settings = context.settings
    url = f"{settings.api_base}/file/bot{settings.access_token}/{path}"
    timeout = httpx.Timeout(min(SILENCE_SECONDS, max(0.1, ends_at - time.monotonic())))
    try:
        async with context.http.stream("GET", url, headers=AS_IT_IS, timeout=timeout) as response:
            _check(response)
            received = 0
            async for chunk in response.aiter_bytes(CHUNK_BYTES):
                received += len(chunk)
                await target.write(chunk)
            if size is not None and size != received:
                raise RetryLaterError(f"the file broke off after {received} of {size} bytes")
    except httpx.HTTPError as error:
        raise RetryLaterError(no_answer(error).message) from None


def _check(response: httpx.Response) -> None:
    """An address is good for an hour: one that is refused is asked for again."""
    status = response.status_code
    if response.is_success:
        return
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        raise ContentError("Telegram gives a bot no file of this size", code=str(status))
    raise RetryLaterError(f"the file's address answered {status}", code=str(status))
