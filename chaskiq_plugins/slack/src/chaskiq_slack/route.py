"""A body's dedupe key and lane, from the few fields that say them."""

from hashlib import sha256

from chaskiq_core.plugin import WebhookItem, WebhookRequest
from chaskiq_slack.body import Body, Sort, place_of, read_body
from chaskiq_slack.events import is_new_message
from chaskiq_slack.fields import ts_at


def route_body(request: WebhookRequest) -> list[WebhookItem]:
    """The one element of a body, none for a handshake; UnreadableError if the body is nothing that Slack sends.

    The lane is the channel, threads included: a reaction or a deletion does not tell which thread it belongs to, and
    must not come before its message.
    """
    body = read_body(request)
    if body.sort is Sort.HANDSHAKE:
        return []
    channel, _ = place_of(body)
    return [WebhookItem(dedupe_key=_key(body, channel, request.body), lane=channel)]


def _key(body: Body, channel: str, raw: bytes) -> str:
    # A mention comes as `message` and as `app_mention` with two event ids, and a repeat may have a third one: a
    # message is known by its place and time alone.
    if is_new_message(body) and channel and (ts := ts_at(body.event, "ts")):
        return f"message:{channel}:{ts}"
    if body.event_id:
        return f"{body.sort.value}:{body.event_id}"
    return f"sha256:{sha256(raw).hexdigest()}"
