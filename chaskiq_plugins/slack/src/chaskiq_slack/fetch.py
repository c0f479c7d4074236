"""Fetching a file that came in: what Slack says of it now, then its bytes, as they come."""

from urllib.parse import urlsplit

import httpx

from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    ContentError,
    JsonObject,
    MediaSink,
    ReauthError,
    RetryLaterError,
)
from chaskiq_slack.calling.answer import no_answer
from chaskiq_slack.calling.api import Api
from chaskiq_slack.fields import count_at, object_at, text_at
from chaskiq_slack.manifest import PUBLIC_API, SlackSettings
from chaskiq_slack.reading.attachments import GONE

AS_IT_IS = {"accept-encoding": "identity"}
CHUNK_BYTES = 1 << 16
SILENCE_SECONDS = 10.0
"""How long no byte may come."""
LOG_IN = (
    "Slack shows a page to log in instead of the file: the app needs the scope files:read, and to be in the channel"
)


async def fetch_file(attachment: Attachment, target: MediaSink, context: ChannelContext[SlackSettings]) -> None:
    """Write the file's bytes to the target. The token goes to Slack's own hosts only, and follows no redirect."""
    api = Api(context)
    # An event of a shared channel may tell no more than the id.
    file = object_at(await api.read("files.info", file=attachment.provider_file_id or ""), "file")
    url = text_at(file, "url_private_download") or text_at(file, "url_private")
    if text_at(file, "mode") in GONE or text_at(file, "file_access") == "access_denied" or not url:
        raise ContentError("Slack does not give this file to us")
    if not _is_slacks(url, context.settings.api_base):
        raise ContentError("the file is kept elsewhere than at Slack")
    size = count_at(file, "size")
    headers = {**AS_IT_IS, "authorization": f"Bearer {context.settings.bot_token}"}
    timeout = httpx.Timeout(min(SILENCE_SECONDS, max(0.1, api.seconds_left)))
    try:
        async with context.http.stream(
            "GET", url, headers=headers, timeout=timeout, follow_redirects=False
        ) as response:
            _check(response, file)
            received = 0
            async for chunk in response.aiter_bytes(CHUNK_BYTES):
                received += len(chunk)
                await target.write(chunk)
            if size is not None and size != received:
                raise RetryLaterError(f"the file broke off after {received} of {size} bytes")
    except httpx.HTTPError as error:
        raise RetryLaterError(no_answer(error, writes=False).message) from None


def _is_slacks(url: str, api_base: str) -> bool:
    try:
        parts, base = urlsplit(url), urlsplit(api_base)
        port, base_port = parts.port, base.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if parts.username or parts.password:
        return False
    if parts.scheme == "https" and port in (None, 443) and (host == "slack.com" or host.endswith(".slack.com")):
        return True
    return api_base != PUBLIC_API and (parts.scheme, host, port) == (base.scheme, base.hostname, base_port)


def _check(response: httpx.Response, file: JsonObject) -> None:
    status = response.status_code
    if response.is_redirect or status in (401, 403):
        raise ReauthError(LOG_IN, code=str(status))
    if status in (404, 410):
        raise ContentError("the file is gone", code=str(status))
    if not response.is_success:
        raise RetryLaterError(f"the file's address answered {status}", code=str(status))
    if _is_page(response.headers.get("content-type", "")) and not _is_page(text_at(file, "mimetype")):
        raise ReauthError(LOG_IN)


def _is_page(mime: str) -> bool:
    return mime.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
