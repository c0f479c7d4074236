"""Whether a mail comes from our own mail server or its service: it shows the secret that both know."""

import base64
import binascii
import hmac
from collections.abc import Iterator
from urllib.parse import parse_qsl

from chaskiq_core.plugin import Accepted, Refused, Verdict, WebhookRequest

HEADERS = ("x-chaskiq-secret", "x-inbound-secret", "x-webhook-secret", "x-secret")
PARAMETERS = ("secret", "inbound_secret", "token")


def verify_secret(request: WebhookRequest, secret: str | None) -> Verdict:
    """Accepted, or refused with 401 without a secret and 403 with a wrong one."""
    if not secret:
        return Accepted()  # no stored integration is without one: with_generated makes it up
    shown = list(_shown(request))
    if not shown:
        return Refused(status=401, reason=f"the secret is missing: send it in the header {HEADERS[0]} or as ?secret=")
    # On bytes: compare_digest raises TypeError for a text that is not ASCII.
    if True not in [hmac.compare_digest(one, secret.encode()) for one in shown]:
        return Refused(status=403, reason="the secret is wrong")
    return Accepted()


def _shown(request: WebhookRequest) -> Iterator[bytes]:
    """Each secret in the request: in a header of its own, as bearer or password, or in the query."""
    for name in HEADERS:
        if name in request.headers:
            yield request.headers[name].encode("latin-1", "replace")
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        yield value.strip().encode("latin-1", "replace")
    if kind.lower() == "basic":
        try:
            yield base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            yield b""
    if request.query:
        try:
            pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=100)
        except ValueError:
            pairs = []
        for name, text in pairs:
            if name in PARAMETERS:
                yield text.encode("utf-8", "replace")
