"""What an answer of the Web API means, or that none came: it says ok, or the error that says what is next."""

import json
from collections.abc import Mapping
from typing import Final

import httpx

from chaskiq_core.plugin import (
    AccountError,
    ContentError,
    JsonObject,
    ReauthError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
)
from chaskiq_slack.fields import cut, object_at, text_at
from chaskiq_slack.manifest import ERRORS, MAY_BE_DONE

LONGEST_WAIT_SECONDS = 86_400.0
NOT_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What httpx raises before a byte of the request has left."""

_TABLE: Final[Mapping[str, str]] = {rule.code: rule.error_class for rule in ERRORS}
_CLASSES: Final[Mapping[str, type[SendError]]] = {
    error.error_class: error for error in (RecipientError, ContentError, ReauthError, AccountError)
}


def result_of(response: httpx.Response, *, writes: bool) -> JsonObject:
    """The answer to a call that was carried out; raises the SendError that a refusal means, whatever its status."""
    answer = _json_of(response)
    if answer.get("ok") is True and response.is_success:
        return answer
    code = text_at(answer, "error")
    if answer.get("ok") is False and code:
        return _refuse(response, answer, cut(code, 64), writes=writes)
    return _refuse(response, {}, str(response.status_code), writes=writes)


def no_answer(error: httpx.HTTPError, *, writes: bool) -> SendError:
    """The error for a request that got no answer: was it written, it may have been carried out."""
    sentence = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, NOT_WRITTEN):
        return RetryLaterError(f"Slack was not reached ({sentence})")
    told = f"Slack did not answer ({sentence})"
    return UnknownOutcomeError(told) if writes else RetryLaterError(told)


def _refuse(response: httpx.Response, answer: JsonObject, code: str, *, writes: bool) -> JsonObject:
    message = _sentence(response, answer, code)
    error_class = "transient" if response.status_code == 429 else _TABLE.get(code, _of_status(response, answer))
    if writes and code in MAY_BE_DONE:
        error_class = "ambiguous"
    if error_class == "transient" or (error_class == "ambiguous" and not writes):
        raise RetryLaterError(message, code=code, retry_after_seconds=_wait(response))
    raise _CLASSES.get(error_class, UnknownOutcomeError)(message, code=code)


def _of_status(response: httpx.Response, answer: JsonObject) -> str:
    """What stands in no line of the table: Slack's own word is about the content, anybody else's tells nothing."""
    if response.status_code >= 500 or not answer:
        return "content" if response.status_code == 413 else "ambiguous"
    return "content"


def _sentence(response: httpx.Response, answer: JsonObject, code: str) -> str:
    if not answer:
        return f"something else than Slack answered: HTTP {code} {response.reason_phrase}".rstrip()
    told = [f"{name} {cut(text_at(answer, name), 200)}" for name in ("needed", "provided") if text_at(answer, name)]
    messages = object_at(answer, "response_metadata").get("messages")
    if isinstance(messages, list):
        told += [cut(one, 200) for one in messages[:3] if isinstance(one, str)]
    return f"{code} ({'; '.join(told)})" if told else code


def _json_of(response: httpx.Response) -> JsonObject:
    """The answer's object; an empty one for a page, half an answer, or anything else that Slack does not write."""
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _wait(response: httpx.Response) -> float | None:
    """The seconds that Slack asks for."""
    asked = response.headers.get("retry-after", "")
    return min(float(asked), LONGEST_WAIT_SECONDS) if asked.isascii() and asked.isdecimal() else None
