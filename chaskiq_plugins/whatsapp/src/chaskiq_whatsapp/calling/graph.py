"""The way to the Graph API: the context's client, the token in its header, all calls of a hook within its time."""

import time
from collections.abc import Mapping
from typing import IO

import httpx

from chaskiq_core.plugin import ChannelContext, JsonObject, RetryLaterError, UnknownOutcomeError
from chaskiq_whatsapp.calling.answer import no_answer, result_of
from chaskiq_whatsapp.manifest import WhatsAppSettings

SPARE = 0.95
"""How much of the time that is left may be used: the host ends the call when all of it has passed."""
Files = Mapping[str, tuple[str, IO[bytes], str]]


class Graph:
    """Calls the Graph API; each call goes out once, whatever comes of it."""

    def __init__(self, context: ChannelContext[WhatsAppSettings]) -> None:
        self._http = context.http
        self._settings = context.settings
        self._ends_at = time.monotonic() + context.timeout_seconds * SPARE
        self.headers = {"authorization": f"Bearer {self._settings.access_token}", "user-agent": "chaskiq-whatsapp"}

    @property
    def seconds_left(self) -> float:
        """What is left for all calls together."""
        return max(0.0, self._ends_at - time.monotonic())

    def timeout(self) -> httpx.Timeout:
        """What is left, shared out: all phases together end within it, and a late connection is no late answer."""
        left = self.seconds_left
        if not left:
            raise RetryLaterError("no time was left; this call was not made")
        return httpx.Timeout(connect=left / 6, pool=left / 6, write=left / 6, read=left / 2)

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonObject:
        """What is at a path."""
        return await self._repeatable(self._request("GET", path, params=dict(params or {})))

    async def post(self, path: str, body: JsonObject) -> JsonObject:
        """The answer to a body; UnknownOutcomeError if it may have been carried out."""
        return await self._call(self._request("POST", path, body=body))

    async def post_again(self, path: str, body: JsonObject) -> JsonObject:
        """The same of what may be carried out twice without harm."""
        return await self._repeatable(self._request("POST", path, body=body))

    async def upload(self, path: str, fields: Mapping[str, str], files: Files) -> JsonObject:
        """The answer to a file; one that was uploaded twice harms nobody."""
        return await self._repeatable(self._request("POST", path, data=dict(fields), files=dict(files)))

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: JsonObject | None = None,
        data: dict[str, str] | None = None,
        files: dict[str, tuple[str, IO[bytes], str]] | None = None,
    ) -> httpx.Request:
        return self._http.build_request(
            method,
            f"{self._settings.graph}/{path}",
            params=params,
            json=body,
            data=data,
            files=files,
            headers=self.headers,
            timeout=self.timeout(),
        )

    async def _repeatable(self, request: httpx.Request) -> JsonObject:
        try:
            return await self._call(request)
        except UnknownOutcomeError as error:
            raise RetryLaterError(error.message, code=error.code) from error

    async def _call(self, request: httpx.Request) -> JsonObject:
        try:
            response = await self._http.send(request)
        except httpx.HTTPError as error:
            raise no_answer(error) from error
        return result_of(response)
