"""Fetches the files that a call names by URL, before the call is carried out. Any host will do, a private one too."""

from collections.abc import AsyncIterator
from urllib.parse import unquote, urlsplit

import httpx

from chaskiq_core.testing.sandbox import Json, JsonObject, read_json
from chaskiq_telegram.sandbox.files.incoming import CHUNK_BYTES, TooLargeError, Tray

MAX_PHOTO_BYTES = 5 * 1024 * 1024
MAX_OTHER_BYTES = 20 * 1024 * 1024
TIMEOUT_SECONDS = 10.0
MEDIA_NAMES = ("photo", "video", "animation", "audio", "voice", "video_note", "document", "sticker")


def is_url(value: Json) -> bool:
    return isinstance(value, str) and value.lower().startswith(("http://", "https://"))


class Fetcher:
    """Puts what is behind URLs into a call's tray, under the URL; why it couldn't goes there too."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport

    async def fetch(self, values: JsonObject, tray: Tray) -> None:
        """Every URL that stands where a file may."""
        wanted = dict(_named_urls(values))
        if not wanted:
            return
        client = httpx.AsyncClient(
            transport=self._transport, timeout=TIMEOUT_SECONDS, follow_redirects=True, trust_env=False
        )
        async with client:
            for url, max_bytes in wanted.items():
                try:
                    await _fetch(client, url, tray, max_bytes)
                except TooLargeError:
                    tray.refusals[url] = "failed to get HTTP URL content"
                except (httpx.HTTPError, httpx.InvalidURL):
                    tray.refusals[url] = "failed to get HTTP URL content"


async def _fetch(client: httpx.AsyncClient, url: str, tray: Tray, max_bytes: int) -> None:
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type == "text/html":
            tray.refusals[url] = "wrong type of the web page content"
            return

        async def chunks() -> AsyncIterator[bytes]:
            async for chunk in response.aiter_bytes(CHUNK_BYTES):
                yield chunk

        name = unquote(urlsplit(url).path.rpartition("/")[2]) or None
        await tray.write(url, chunks(), name, content_type or None, max_bytes=max_bytes)


def _named_urls(values: JsonObject) -> list[tuple[str, int]]:
    """The URLs with the bytes that may come from each."""
    found = [(name, values.get(name)) for name in MEDIA_NAMES]
    media = values.get("media")
    if isinstance(media, str):
        try:
            media = read_json(media)
        except ValueError:
            media = None
    for item in media if isinstance(media, list) else [media]:
        if isinstance(item, dict):
            found.append((str(item.get("type")), item.get("media")))
    return [
        (str(value), MAX_PHOTO_BYTES if name == "photo" else MAX_OTHER_BYTES) for name, value in found if is_url(value)
    ]
