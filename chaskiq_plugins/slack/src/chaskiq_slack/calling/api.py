"""The way to the Web API: forms over the context's client with the bot's token, within the context's time."""

import json
import time
from collections.abc import Mapping

import httpx

from chaskiq_core.plugin import ChannelContext, JsonObject, RetryLaterError
from chaskiq_slack.calling.answer import no_answer, result_of
from chaskiq_slack.manifest import SlackSettings

SPARE = 0.95
"""How much of the time that is left may be used: the host ends the call when all of it has passed."""


class Api:
    """Calls methods for one hook; each call goes out once, whatever comes of it."""

    def __init__(self, context: ChannelContext[SlackSettings]) -> None:
        self._http = context.http
        self._base = context.settings.api_base
        self._headers = {"authorization": f"Bearer {context.settings.bot_token}"}
        self._ends_at = time.monotonic() + context.timeout_seconds * SPARE
        self.scopes: frozenset[str] | None = None
        """What the token may do, as Slack's last answer said; None: it did not say."""

    async def write(self, method: str, **given: object) -> JsonObject:
        """The answer to a call that changes something; UnknownOutcomeError if it may have been carried out."""
        return await self._call(method, given, writes=True)

    async def read(self, method: str, **given: object) -> JsonObject:
        """The answer to a call that changes nothing, and can be made again."""
        return await self._call(method, given, writes=False)

    @property
    def seconds_left(self) -> float:
        """What may still be used."""
        return max(0.0, self._ends_at - time.monotonic())

    def timeout(self) -> httpx.Timeout:
        """What is left, shared out: all phases together end within it, and a late connection is no late answer."""
        left = self.seconds_left
        if not left:
            raise RetryLaterError("no time was left; this call was not made")
        return httpx.Timeout(connect=left / 6, pool=left / 6, write=left / 6, read=left / 2)

    async def _call(self, method: str, given: Mapping[str, object], *, writes: bool) -> JsonObject:
        # Forms: some methods take no JSON.
        form = {name: _field(value) for name, value in given.items() if value is not None}
        timeout = self.timeout()
        try:
            response = await self._http.post(
                f"{self._base}/{method}", data=form, headers=self._headers, timeout=timeout
            )
        except httpx.HTTPError as error:
            raise no_answer(error, writes=writes) from error
        if (scopes := response.headers.get("x-oauth-scopes")) is not None:
            self.scopes = frozenset(scope.strip() for scope in scopes.split(",") if scope.strip())
        return result_of(response, writes=writes)


def _field(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
