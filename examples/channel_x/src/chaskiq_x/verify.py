"""Whether a webhook comes from X: it carries the base64 HMAC-SHA256 of its bytes; and X's question after our secret."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs

from chaskiq_core.plugin import Accepted, Answer, Refused, Verdict, WebhookRequest

HEADER = "x-twitter-webhooks-signature"
MAX_TOKEN = 1_000


def signature_of(data: bytes, consumer_secret: str) -> str:
    """What X shows for these bytes."""
    return "sha256=" + base64.b64encode(hmac.new(consumer_secret.encode(), data, hashlib.sha256).digest()).decode()


def verify_request(request: WebhookRequest, consumer_secret: str) -> Verdict:
    """Accepted, the answer to X's question, or refused with 401 without a proof and 403 with a wrong one."""
    if request.method == "GET":
        return _answer(request.query, consumer_secret)
    shown = request.headers.get(HEADER)
    if shown is None:
        return Refused(status=401, reason=f"the header {HEADER} is missing")
    # On bytes: compare_digest raises TypeError for a text that is not ASCII.
    if not hmac.compare_digest(
        shown.encode("latin-1", "replace"), signature_of(request.body, consumer_secret).encode()
    ):
        return Refused(status=403, reason=f"the header {HEADER} is wrong")
    return Accepted()


def _answer(query: str, consumer_secret: str) -> Verdict:
    """X asks with a token at registration and each hour after; it believes who can sign it."""
    token = parse_qs(query[: 2 * MAX_TOKEN], errors="replace").get("crc_token", [""])[0]
    if not token or len(token) > MAX_TOKEN:
        return Refused(status=401, reason="no crc_token")
    body = json.dumps({"response_token": signature_of(token.encode("utf-8", "replace"), consumer_secret)})
    return Answer(body=body, media_type="application/json")
