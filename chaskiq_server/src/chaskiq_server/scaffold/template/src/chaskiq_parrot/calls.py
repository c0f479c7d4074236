"""One call of Parrot's API, and what its refusals and failures mean."""

from collections.abc import Mapping

import httpx

from chaskiq_core.plugin import (
    ChannelContext,
    ContentError,
    JsonObject,
    ReauthError,
    RecipientError,
    RetryLaterError,
    UnknownOutcomeError,
)
from chaskiq_parrot.manifest import ERRORS, ParrotSettings

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Nothing of the request has left."""
CLASSES = {"reauth": ReauthError, "recipient": RecipientError, "content": ContentError}


async def call(context: ChannelContext[ParrotSettings], path: str, body: Mapping[str, object]) -> JsonObject:
    """The answer to a POST; a SendError by its consequence."""
    try:
        answer = await context.http.post(
            f"{context.settings.api_base}{path}",
            json=body,
            headers={"authorization": f"Bearer {context.settings.access_token}"},
            timeout=context.timeout_seconds,
        )
    except NOT_SENT as error:
        raise RetryLaterError("Parrot can't be reached") from error
    except httpx.HTTPError as error:
        raise UnknownOutcomeError("the connection ended before Parrot's answer") from error
    if answer.is_success:
        return _read(answer)
    code, told = str(answer.status_code), answer.text[:200]
    found = next((rule.error_class for rule in ERRORS if rule.code == code and rule.contains in told.lower()), None)
    if found == "transient":
        raise RetryLaterError(told, code=code, retry_after_seconds=_seconds(answer.headers.get("retry-after", "")))
    if found in CLASSES:
        raise CLASSES[found](told, code=code)
    raise UnknownOutcomeError(f"Parrot answered {code}", code=code)


def _read(answer: httpx.Response) -> JsonObject:
    try:
        found: object = answer.json()
    except ValueError as error:
        raise UnknownOutcomeError("Parrot's answer can't be read") from error
    if not isinstance(found, dict):
        raise UnknownOutcomeError("Parrot's answer is no object")
    return found


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() else None
