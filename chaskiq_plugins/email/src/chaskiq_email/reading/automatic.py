"""Whether a machine wrote a mail: such a mail is never answered by another."""

from chaskiq_email.reading.headers import Headers, addresses_of

LOOP_HEADER = "X-Chaskiq-Loop"
"""On each mail of ours, with our address: what comes back with it is our own."""
SYSTEM_SENDERS = frozenset({"mailer-daemon", "postmaster"})
MASS = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
NO_REPLY = frozenset({"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply"})


def is_automatic(headers: Headers) -> bool:
    """By RFC 3834 and what mailers did before it and do beside it."""
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(headers.first(name).strip() for name in ("x-autoreply", "x-autorespond", "x-autoresponse", "list-id")):
        return True
    if headers.first("list-unsubscribe") or headers.first("x-auto-response-suppress").strip().lower() not in (
        "",
        "none",
    ):
        return True
    if headers.first("precedence").strip().lower() in MASS:
        return True
    return is_from_nobody(headers)


def is_from_nobody(headers: Headers) -> bool:
    """Whether there is nobody to answer to: an empty return path, or a mail server itself."""
    if any(value.strip() == "<>" for value in headers.every("return-path")):
        return True
    senders = addresses_of(*headers.every("from"), *headers.every("sender"))
    return any(one.address.partition("@")[0] in SYSTEM_SENDERS for one in senders)


def is_no_reply(address: str) -> bool:
    """Whether an address says that nobody reads there."""
    return address.partition("@")[0].partition("+")[0] in NO_REPLY
