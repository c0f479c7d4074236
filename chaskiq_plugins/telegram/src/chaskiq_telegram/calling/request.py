"""python-telegram-bot's way to the network: the context's client, one request object for each call of a hook."""

import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from chaskiq_core.plugin import ChannelContext, RetryLaterError, SendError, UnknownOutcomeError
from chaskiq_telegram.calling.answer import no_answer, result_of
from chaskiq_telegram.manifest import TelegramSettings

SPARE = 0.95
"""How much of the time that is left may be used: the host ends the call when all of it has passed."""


class ContextRequest(BaseRequest):
    """Sends a Bot's calls over the context's client, within the context's time, and keeps what Telegram answered.

    It is never initialized: the client is open and belongs to the host. Each call goes out once, whatever comes of it.
    """

    def __init__(self, context: ChannelContext[TelegramSettings]) -> None:
        self._http = context.http
        self._api = f"{context.settings.api_base}/bot{context.settings.access_token}"
        self._ends_at = time.monotonic() + context.timeout_seconds * SPARE
        self._results: list[object] = []
        self.answered_at: datetime | None = None
        """Telegram's time at its last answer; None: it told none."""
        # It is not told the token: it logs its URL when it debugs.
        self.bot = Bot(context.settings.account(), request=self, get_updates_request=self)

    async def result_of(self, call: Awaitable[object]) -> object:
        """What Telegram answers to a call of the bot, as its JSON says it; raises the SendError that a refusal means.

        The result is read from the answer itself: once Telegram has taken a message, no oddity in what it tells of it
        may lose its id.
        """
        self._results.clear()
        try:
            await call
        except TelegramError as error:
            if isinstance(error.__cause__, SendError):
                raise error.__cause__ from error.__cause__.__cause__
            raise UnknownOutcomeError(f"python-telegram-bot: {error}") from error
        except (AttributeError, KeyError, TypeError, ValueError):
            if not self._results:
                raise
            # python-telegram-bot could not make an object of the result.
        return self._results[-1]

    @property
    def read_timeout(self) -> float:
        """The seconds that an answer may take."""
        return self._timeout().read or 0.0

    async def initialize(self) -> None:
        """Nothing: the client is open."""

    async def shutdown(self) -> None:
        """Nothing: the client is the host's."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Status and body of a call that Telegram carried out; raises a SendError for any other.

        python-telegram-bot wraps the error and keeps it as the cause of its own.
        """
        call = url.rpartition("/")[2]
        timeout = self._timeout()
        if not timeout.read:
            raise RetryLaterError("no time was left; this call was not made")
        try:
            response = await self._http.request(
                method,
                f"{self._api}/{call}",
                data=request_data.json_parameters if request_data else None,
                files=(request_data.multipart_data or None) if request_data else None,
                timeout=timeout,
            )
        except httpx.HTTPError as error:
            raise no_answer(error) from error
        self.answered_at = _time_of(response)
        self._results.append(result_of(response))
        return response.status_code, response.content

    def _timeout(self) -> httpx.Timeout:
        """What is left, shared out: all phases together end within it, and a late connection is no late answer."""
        left = max(0.0, self._ends_at - time.monotonic())
        return httpx.Timeout(connect=left / 6, pool=left / 6, write=left / 6, read=left / 2)


def _time_of(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
    except (TypeError, ValueError):
        return None
