"""Whether a webhook comes from Telegram: it shows the secret that we gave it at setWebhook."""

import hmac

from chaskiq_core.plugin import Accepted, Refused, Verdict, WebhookRequest

HEADER = "x-telegram-bot-api-secret-token"


def verify_secret(request: WebhookRequest, secret_token: str | None) -> Verdict:
    """Accepted, or refused with 401 without a secret and 403 with a wrong one."""
    if secret_token is None:
        return Accepted()  # no stored integration is without one: with_generated makes it up
    shown = request.headers.get(HEADER)
    if shown is None:
        return Refused(status=401, reason=f"the header {HEADER} is missing")
    # On bytes: compare_digest raises TypeError for a text that is not ASCII.
    if not hmac.compare_digest(shown.encode("latin-1", "replace"), secret_token.encode()):
        return Refused(status=403, reason=f"the header {HEADER} is wrong")
    return Accepted()
