"""Fetching a file that came in: its id, then its address of five minutes, then its bytes, with the token."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import httpx

from chaskiq_core.plugin import (
    AccountError,
    Attachment,
    ChannelContext,
    ContentError,
    MediaSink,
    RetryLaterError,
    UnknownOutcomeError,
)
from chaskiq_whatsapp.calling.answer import no_answer
from chaskiq_whatsapp.calling.graph import Graph
from chaskiq_whatsapp.fields import natural_at, text_at
from chaskiq_whatsapp.manifest import PUBLIC_API, WhatsAppSettings

CHUNK_BYTES = 1 << 16
SILENCE_SECONDS = 10.0
"""How long no byte may come."""
META_HOSTS = (".facebook.com", ".fbsbx.com", ".whatsapp.net")
"""Where Meta keeps files: the token goes nowhere else."""
GONE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})


async def fetch_file(attachment: Attachment, target: MediaSink, context: ChannelContext[WhatsAppSettings]) -> None:
    """Write the file's bytes to the target."""
    graph = Graph(context)
    for is_last in (False, True):
        url, size = await _address(attachment, graph, target, context.settings)
        if await _download(url, size, target, graph, context):
            return
        if is_last:
            raise RetryLaterError("WhatsApp's address of the file has run out twice", code="404")


async def _address(
    attachment: Attachment, graph: Graph, target: MediaSink, settings: WhatsAppSettings
) -> tuple[str, int | None]:
    """Where the file is now, and how large it is."""
    try:
        told = await graph.get(quote(attachment.provider_file_id or "", safe=""))
    except AccountError as error:
        # of a file this is no word about the account: Meta keeps files for some days only
        raise ContentError(error.message, code=error.code) from error
    url, size = text_at(told, "url"), natural_at(told, "file_size")
    if not url:
        raise UnknownOutcomeError("WhatsApp did not say where the file is")
    if not may_have_token(url, settings.api_base):
        raise ContentError("WhatsApp names an address of the file that is not Meta's")
    if size is not None and size > target.max_bytes:
        raise ContentError(f"the file has {size} bytes, {target.max_bytes} are taken")
    return url, size


def may_have_token(url: str, api_base: str) -> bool:
    """Whether an address is Meta's, or of whatever stands in for Meta."""
    try:
        parts, base = urlsplit(url), urlsplit(api_base)
        same = (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port)
    except ValueError:
        return False
    host = parts.hostname or ""
    if api_base != PUBLIC_API and same:
        return True
    return parts.scheme == "https" and parts.port in (None, 443) and f".{host}".endswith(META_HOSTS)


async def _download(
    url: str, size: int | None, target: MediaSink, graph: Graph, context: ChannelContext[WhatsAppSettings]
) -> bool:
    """Whether the file is whole now; False: the address has run out."""
    timeout = httpx.Timeout(min(SILENCE_SECONDS, max(0.1, graph.seconds_left)))
    headers = {**graph.headers, "accept-encoding": "identity"}
    try:
        async with context.http.stream("GET", url, headers=headers, timeout=timeout) as response:
            if response.status_code in GONE:
                return False
            _check(response.status_code, response.headers)
            received = 0
            async for chunk in response.aiter_bytes(CHUNK_BYTES):
                received += len(chunk)
                await target.write(chunk)
            if size is not None and size != received:
                raise RetryLaterError(f"the file broke off after {received} of {size} bytes")
    except httpx.HTTPError as error:
        raise RetryLaterError(no_answer(error).message) from None
    return True


def _check(status: int, headers: Mapping[str, str]) -> None:
    """Meta answers with a page where it does not like the token."""
    if not 200 <= status < 300:
        raise RetryLaterError(f"the file's address answered {status}", code=str(status))
    if headers.get("content-type", "").startswith("text/html"):
        raise RetryLaterError("the file's address answered with a page, not with the file")
