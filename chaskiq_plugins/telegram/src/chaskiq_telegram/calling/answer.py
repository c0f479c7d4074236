"""What an answer of the Bot API means, or that none came: a result, or the error that says what is next."""

import json

import httpx

from chaskiq_core.plugin import (
    AccountError,
    ContentError,
    JsonObject,
    MovedError,
    ReauthError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
)
from chaskiq_telegram.fields import natural_at, number_id_at, object_at, text_at, whole, whole_at
from chaskiq_telegram.manifest import ERRORS

LONGEST_WAIT_SECONDS = 86_400.0
NOT_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What httpx raises before a byte of the request has left."""

_CLASSES: dict[str, type[SendError]] = {
    error.error_class: error for error in (RecipientError, ContentError, ReauthError, AccountError)
}


def result_of(response: httpx.Response) -> object:
    """What the Bot API answers to a call that it carried out; raises the SendError that its refusal means."""
    answer = _json_of(response)
    if answer.get("ok") is True and response.is_success and "result" in answer:
        return answer["result"]
    raise _refusal(response, answer)


def no_answer(error: httpx.HTTPError) -> SendError:
    """The error for a request that got no answer: was it written, it may have been carried out."""
    sentence = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, NOT_WRITTEN):
        return RetryLaterError(f"Telegram was not reached ({sentence})")
    return UnknownOutcomeError(f"Telegram did not answer ({sentence})")


def _json_of(response: httpx.Response) -> JsonObject:
    """The answer's object; an empty one for a page, half an answer, or anything else that Telegram does not write."""
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(response: httpx.Response, answer: JsonObject) -> SendError:
    status = response.status_code
    description = text_at(answer, "description")
    if answer.get("ok") is not False or not (description or whole_at(answer, "error_code")):
        return _not_telegrams(response)
    if response.is_success:
        status = whole_at(answer, "error_code") or status
    code, message = str(status), description or f"error {status}"
    parameters = object_at(answer, "parameters")
    error_class = _class_of(code, message)
    if (moved_to := number_id_at(parameters, "migrate_to_chat_id")) and error_class in ("moved", "content"):
        return MovedError(message, channel_id=moved_to, code=code)
    if error_class == "transient":
        return RetryLaterError(message, code=code, retry_after_seconds=_wait(response, parameters))
    return _CLASSES.get(error_class, ContentError)(message, code=code)


def _not_telegrams(response: httpx.Response) -> SendError:
    """Something on the way answered: only for these two is it sure that it passed nothing on."""
    code = str(response.status_code)
    message = f"something else than Telegram answered: HTTP {code} {response.reason_phrase}".rstrip()
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return RetryLaterError(message, code=code, retry_after_seconds=_wait(response, {}))
    if response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        return ContentError(message, code=code)
    return UnknownOutcomeError(message, code=code)


def _class_of(code: str, message: str) -> str:
    """By the manifest's table; what stands in no line of it is the content's fault, or, of a 5xx, the server's."""
    said = message.lower()
    found = next((rule.error_class for rule in ERRORS if rule.code == code and rule.contains in said), None)
    return found or ("transient" if code.startswith("5") else "content")


def _wait(response: httpx.Response, parameters: JsonObject) -> float | None:
    """The seconds that Telegram asks for, in its answer or in the header."""
    seconds = natural_at(parameters, "retry_after")
    if seconds is None:
        seconds = whole(response.headers.get("retry-after"))
    return None if seconds is None or seconds < 0 else min(float(seconds), LONGEST_WAIT_SECONDS)
