"""The bytes of a file that somebody sent: they are at an address of X's, for who proves to be in the conversation."""

from urllib.parse import urlsplit

import httpx

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    ContentError,
    MediaSink,
    RetryLaterError,
    UnknownOutcomeError,
)
from chaskiq_x.calls import refusal
from chaskiq_x.manifest import XSettings
from chaskiq_x.oauth import authorization

HOSTS = (".twimg.com", ".twitter.com", ".x.com")


async def fetch_file(attachment: Attachment, target: MediaSink, context: ChannelContext[XSettings]) -> None:
    """Write the file; our credentials go to X's own hosts only, and to where `api_base` leads."""
    url = attachment.provider_file_id or ""
    host = urlsplit(url).hostname or ""
    is_xs = url.startswith("https://") and f".{host}".endswith(HOSTS)
    if not is_xs and urlsplit(url)[:2] != urlsplit(context.settings.api_base)[:2]:
        raise ContentError(f"the file is not at X: {host}")
    headers = authorization(context.settings, "GET", url)
    try:
        async with context.http.stream("GET", url, headers=headers, timeout=context.timeout_seconds) as answer:
            if not answer.is_success:
                await answer.aread()
                raise refusal(answer)
            length, seen = answer.headers.get("content-length", ""), 0
            async for chunk in answer.aiter_bytes():
                seen += len(chunk)
                await target.write(chunk)
            if length.isdecimal() and "content-encoding" not in answer.headers and seen != int(length):
                raise RetryLaterError(f"the file has {length} bytes, and {seen} came")
    except httpx.HTTPError as error:
        raise UnknownOutcomeError("the connection ended within the file") from error
