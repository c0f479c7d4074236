"""What a mail server's answer means: its code and its words, by the manifest's table."""

import re

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPTimeoutError,
)

from chaskiq_core.plugin import (
    AccountError,
    ContentError,
    ReauthError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
)
from chaskiq_email.manifest import ERRORS

GREYLISTED_SECONDS = 300.0
"""A server that greylists takes no second try earlier."""
ERROR_CLASSES: dict[str, type[SendError]] = {
    "recipient": RecipientError,
    "content": ContentError,
    "reauth": ReauthError,
    "account": AccountError,
}
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_LATER = re.compile(r"gr[ea]ylist|try again (later|in)|come back", re.IGNORECASE)


def error_of(error: Exception, *, at_data: bool, host: str) -> SendError:
    """What an error came to. `at_data`: the mail itself was on its way, so that silence says nothing."""
    match error:
        case SMTPAuthenticationError() if error.code >= 500:
            return ReauthError(f"{host} refused the user name or password: {_said(error)}", code=_code(error))
        case SMTPResponseException() if 400 <= error.code < 600:
            return _by_table(error, host)
        case SMTPNotSupported():
            return RecipientError(f"{host} does not take such an address: {error.message}")
        case SMTPResponseException() if not at_data:
            return RetryLaterError(f"{host} answered what nobody understands: {_said(error)}")
        case SMTPConnectError() | SMTPTimeoutError() | OSError() if not at_data:
            return RetryLaterError(f"{host} can't be reached or does not answer: {error}")
        case SMTPException() if not at_data:
            return AccountError(f"{host}: {error.message}")
        case ValueError() | UnicodeError() if not at_data:
            return RecipientError(f"this address can't be written to: {error}")
        case _:
            return UnknownOutcomeError(f"the connection to {host} was lost while the mail was on its way: {error}")


def class_for(code: str, words: str) -> str:
    """The class of a refusal, by the first rule that fits."""
    said = words.lower()
    return next(
        (rule.error_class for rule in ERRORS if code.startswith(rule.code) and rule.contains in said), "content"
    )


def _by_table(error: SMTPResponseException, host: str) -> SendError:
    words = _said(error)
    kind = class_for(str(error.code), words)
    if kind == "transient":
        wait = GREYLISTED_SECONDS if error.code in (450, 451) and _LATER.search(words) else None
        return RetryLaterError(
            f"{host}: {words}", code=_code(error), retry_after_seconds=wait, whole_account=error.code == 421
        )
    return ERROR_CLASSES[kind](f"{host}: {words}", code=_code(error))


def _code(error: SMTPResponseException) -> str:
    """The enhanced code where the server tells one."""
    found = _ENHANCED.search(error.message or "")
    return found.group(1) if found else str(error.code)


def _said(error: SMTPResponseException) -> str:
    words = " ".join((error.message or "").encode("utf-8", "replace").decode("utf-8", "replace").split())[:300]
    return f"{error.code} {words}"
