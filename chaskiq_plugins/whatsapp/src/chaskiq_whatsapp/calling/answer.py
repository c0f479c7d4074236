"""What an answer of the Graph API means, or that none came: a result, or the error that says what is next."""

import json
import re

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
    WindowError,
)
from chaskiq_whatsapp.errors import class_of
from chaskiq_whatsapp.fields import natural_at, number_at, object_at, word_at
from chaskiq_whatsapp.manifest import ERRORS
from chaskiq_whatsapp.reading.status import sentence_of

LONGEST_WAIT_SECONDS = 3_600.0
NOT_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What httpx raises before a byte of the request has left."""
WHOLE_ACCOUNT = {"130429": 5.0, "4": 60.0, "80007": 60.0, "133016": 60.0, "613": 60.0}
"""The number, or the app, sends too fast, whoever it writes to; for so many seconds it is left alone."""
GONE_SUBCODE = 33
"""Of code 100: the id in the path is none of the token's."""
KNOWN = frozenset(rule.code for rule in ERRORS)

_CLASSES: dict[str, type[SendError]] = {
    error.error_class: error
    for error in (RecipientError, ContentError, WindowError, ReauthError, AccountError, UnknownOutcomeError)
}
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


def result_of(response: httpx.Response) -> JsonObject:
    """The object that the Graph API answers with; raises the SendError that its refusal means."""
    answer = _json_of(response)
    error = object_at(answer, "error")
    if response.is_success and answer and not error:
        return answer
    raise _refusal(response, error) if word_at(error, "code") else _not_metas(response)


def no_answer(error: httpx.HTTPError) -> SendError:
    """The error for a request that got no answer: was it written, it may have been carried out."""
    sentence = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, NOT_WRITTEN):
        return RetryLaterError(f"WhatsApp was not reached ({sentence})")
    return UnknownOutcomeError(f"WhatsApp did not answer ({sentence})")


def _json_of(response: httpx.Response) -> JsonObject:
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(response: httpx.Response, error: JsonObject) -> SendError:
    code = word_at(error, "code")[:64]
    message = sentence_of(error) or f"error {code}"
    error_class = class_of(code)
    if code == "100" and natural_at(error, "error_subcode") == GONE_SUBCODE:
        error_class = "account"
    elif code not in KNOWN:
        error_class = _by_status(response, error)
    if error_class == "transient":
        seconds = _wait(response) or WHOLE_ACCOUNT.get(code)
        whole = code in WHOLE_ACCOUNT
        return RetryLaterError(message, code=code, retry_after_seconds=seconds, whole_account=whole)
    return _CLASSES.get(error_class, ContentError)(message, code=code)


def _by_status(response: httpx.Response, error: JsonObject) -> str:
    """Of a code that nobody told us of: what the rest of the answer says."""
    status = response.status_code
    if error.get("is_transient") is True or status == httpx.codes.TOO_MANY_REQUESTS:
        return "transient"
    if status == httpx.codes.UNAUTHORIZED:
        return "reauth"
    return "ambiguous" if status >= httpx.codes.INTERNAL_SERVER_ERROR else "content"


def _not_metas(response: httpx.Response) -> SendError:
    """Something on the way answered: only for these two is it sure that it passed nothing on."""
    code = str(response.status_code)
    message = f"something else than the Graph API answered: HTTP {code} {response.reason_phrase}".rstrip()
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return RetryLaterError(message, code=code, retry_after_seconds=_wait(response))
    if response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        return ContentError(message, code=code)
    return UnknownOutcomeError(message, code=code)


def _wait(response: httpx.Response) -> float | None:
    """The seconds that the header asks for; Meta itself mostly names none."""
    asked = response.headers.get("retry-after", "")
    seconds = number_at({"": asked}, "") if _SECONDS.fullmatch(asked) else None
    return None if seconds is None else min(seconds, LONGEST_WAIT_SECONDS)
