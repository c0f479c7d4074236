"""One request to X, signed by OAuth 1.0a, and what its refusals and failures mean."""

import time

import httpx

from chaskiq_core.plugin import (
    AccountError,
    ChannelContext,
    ContentError,
    ReauthError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
)
from chaskiq_x.manifest import ERRORS, XSettings
from chaskiq_x.oauth import Method, authorization

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Nothing of the request has left."""
CLASSES: dict[str, type[SendError]] = {
    "reauth": ReauthError,
    "recipient": RecipientError,
    "content": ContentError,
    "account": AccountError,
}
RESET = "x-rate-limit-reset"
"""A unix time."""
LONGEST_WAIT_SECONDS = 900


async def call(
    context: ChannelContext[XSettings], method: Method, path: str, body: dict[str, object] | None = None
) -> httpx.Response:
    """The answer, which is a success; a SendError by its consequence."""
    url = f"{context.settings.api_base}{path}"
    try:
        answer = await context.http.request(
            method,
            url,
            json=body,
            headers=authorization(context.settings, method, url),
            timeout=context.timeout_seconds,
        )
    except NOT_SENT as error:
        raise RetryLaterError("X can't be reached") from error
    except httpx.HTTPError as error:
        raise UnknownOutcomeError("the connection ended before X's answer") from error
    if answer.is_success:
        return answer
    raise refusal(answer)


def refusal(answer: httpx.Response) -> SendError:
    """What an answer that is no success means."""
    code, told = str(answer.status_code), _sentence(answer)
    found = next((rule.error_class for rule in ERRORS if rule.code == code and rule.contains in told.lower()), "")
    if found == "transient":
        return RetryLaterError(told, code=code, retry_after_seconds=_seconds(answer), whole_account=code == "429")
    return CLASSES.get(found, UnknownOutcomeError)(told, code=code)


def _sentence(answer: httpx.Response) -> str:
    try:
        told: object = answer.json()
    except ValueError:
        told = None
    if isinstance(told, dict):
        for name in ("detail", "title", "error"):
            if isinstance(told.get(name), str):
                return str(told[name])[:300]
    return f"X answered {answer.status_code}"


def _seconds(answer: httpx.Response) -> float | None:
    text = answer.headers.get(RESET, "")
    if not text.isdecimal():
        return None
    return min(LONGEST_WAIT_SECONDS, max(0.0, int(text) - time.time()))
