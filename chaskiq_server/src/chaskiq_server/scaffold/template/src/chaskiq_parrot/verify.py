"""Whether a webhook comes from Parrot: it carries the HMAC-SHA256 of its bytes."""

import hashlib
import hmac

from chaskiq_core.plugin import Accepted, Refused, Verdict, WebhookRequest

HEADER = "x-parrot-signature"


def signature_of(body: bytes, secret: str) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify_signature(request: WebhookRequest, secret: str) -> Verdict:
    """Accepted, or refused with 401 without a signature and 403 with a wrong one."""
    shown = request.headers.get(HEADER)
    if shown is None:
        return Refused(status=401, reason=f"the header {HEADER} is missing")
    # On bytes: compare_digest raises TypeError for a text that is not ASCII.
    if not hmac.compare_digest(shown.encode("latin-1", "replace"), signature_of(request.body, secret).encode()):
        return Refused(status=403, reason=f"the header {HEADER} is wrong")
    return Accepted()
