"""Whether a webhook comes from Meta: its signature over the raw bytes, or our word in the GET that registers us."""

import hmac
import re
from hashlib import sha256
from urllib.parse import parse_qs

from chaskiq_core.plugin import Accepted, Answer, Refused, Verdict, WebhookRequest

HEADER = "x-hub-signature-256"
MAX_CHALLENGE_CHARACTERS = 1024
MAX_PARAMETERS = 16

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)


def verify_request(request: WebhookRequest, *, app_secret: str, verify_token: str) -> Verdict:
    """Accepted with a true signature; a GET's challenge, answered; else refused with 401 or 403."""
    if request.method == "GET":
        return _answer_challenge(request.query, verify_token)
    shown = request.headers.get(HEADER)
    if shown is None:
        return Refused(status=401, reason=f"the header {HEADER} is missing")
    # Meta writes lower-case hex; anything else, the older sha1 too, proves nothing.
    found = _SIGNATURE.fullmatch(shown)
    if found is None:
        return Refused(status=401, reason=f"the header {HEADER} is not sha256= and 64 hexadecimal digits")
    signature = hmac.new(app_secret.encode(), request.body, sha256).hexdigest()
    if not hmac.compare_digest(found[1], signature):
        return Refused(status=403, reason=f"the header {HEADER} is wrong: it is not the app secret's over these bytes")
    return Accepted()


def _answer_challenge(query: str, verify_token: str) -> Verdict:
    try:
        told = parse_qs(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return Refused(status=403, reason="the query is not a webhook's verification")
    modes, tokens, challenges = (told.get(f"hub.{name}", []) for name in ("mode", "verify_token", "challenge"))
    if not tokens:
        return Refused(status=401, reason="hub.verify_token is missing")
    # On bytes: compare_digest raises TypeError for a text that is not ASCII.
    is_ours = len(tokens) == 1 and hmac.compare_digest(tokens[0].encode("utf-8", "replace"), verify_token.encode())
    if not is_ours:
        return Refused(status=403, reason="hub.verify_token is wrong")
    if modes != ["subscribe"] or len(challenges) != 1 or not 0 < len(challenges[0]) <= MAX_CHALLENGE_CHARACTERS:
        return Refused(status=403, reason="the query is not a webhook's verification")
    return Answer(body=challenges[0])
