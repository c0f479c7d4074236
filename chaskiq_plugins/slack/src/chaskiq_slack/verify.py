"""Whether Slack sent it: the signature over the raw bytes, and its age; handshakes are answered."""

import hashlib
import hmac
import time

from slack_sdk.signature import Clock, SignatureVerifier

from chaskiq_core.plugin import Accepted, Answer, Refused, UnreadableError, Verdict, WebhookRequest
from chaskiq_slack.body import Sort, read_body
from chaskiq_slack.fields import text_at

SIGNATURE = "x-slack-signature"
TIMESTAMP = "x-slack-request-timestamp"
TOLERANCE_SECONDS = 300
LONGEST_TIMESTAMP = 16


class BytesVerifier(SignatureVerifier):
    """Slack's own verifier, of bytes as they came: it would decode them first, which not all can be."""

    def generate_signature(self, *, timestamp: str, body: str | bytes) -> str:
        """What the signature must be."""
        signed = b"v0:%s:%s" % (timestamp.encode(), body.encode() if isinstance(body, str) else body)
        return f"v0={hmac.new(self.signing_secret.encode(), signed, hashlib.sha256).hexdigest()}"


class ArrivedAt(Clock):
    """The time at which the request came."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self._at = at

    def now(self) -> float:
        """Unix time in seconds."""
        return self._at


def verify_signature(request: WebhookRequest, signing_secret: str) -> Verdict:
    """Accepted, or refused: 401 without a signature that can be one, or with an old one, 403 with a wrong one."""
    if (refused := _check(request, signing_secret)) is not None:
        return refused
    try:
        body = read_body(request)
    except UnreadableError:
        return Accepted()  # `route` says what is wrong with it
    if body.sort is Sort.HANDSHAKE:
        return Answer(body=text_at(body.outer, "challenge"))
    return Accepted()


def _check(request: WebhookRequest, signing_secret: str) -> Refused | None:
    timestamp, signature = request.headers.get(TIMESTAMP), request.headers.get(SIGNATURE)
    if timestamp is None or signature is None:
        return Refused(status=401, reason=f"the headers {TIMESTAMP} and {SIGNATURE} are needed")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= LONGEST_TIMESTAMP):
        return Refused(status=401, reason=f"the header {TIMESTAMP} is no time")
    now = time.time() if request.received_at is None else request.received_at
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return Refused(status=401, reason=f"the header {TIMESTAMP} is more than {TOLERANCE_SECONDS} s off")
    verifier = BytesVerifier(signing_secret, ArrivedAt(now))
    try:
        if verifier.is_valid(request.body, timestamp, signature):
            return None
    except (TypeError, ValueError):  # a signature that is not ASCII
        return Refused(status=401, reason=f"the header {SIGNATURE} can't be read")
    return Refused(status=403, reason=f"the header {SIGNATURE} is wrong")
