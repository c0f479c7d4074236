"""An update's dedupe key and lane, from the few fields that say them."""

from hashlib import sha256

from chaskiq_core.plugin import WebhookItem, WebhookRequest
from chaskiq_telegram.fields import token_at
from chaskiq_telegram.update import LONGEST_KIND, Update, place_of, read_update


def route_update(request: WebhookRequest) -> list[WebhookItem]:
    """The one element of a body; UnreadableError if the body is no JSON object."""
    update = read_update(request)
    if not update.id:
        return [WebhookItem(dedupe_key=f"sha256:{sha256(request.body).hexdigest()}", lane="")]
    place = place_of(update)
    lane = place.name if place else ""
    # update_id alone is not enough: after a quiet week Telegram may start again at any number.
    return [WebhookItem(dedupe_key=f"{update.id}:{update.kind[:LONGEST_KIND]}:{lane}:{_id_within(update)}", lane=lane)]


def _id_within(update: Update) -> str:
    for name in ("message_id", "id", "poll_id"):
        if found := token_at(update.content, name):
            return found
    return ""
