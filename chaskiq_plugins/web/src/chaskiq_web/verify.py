"""A hook URL that nobody may call: the messenger speaks to the server's messenger API."""

from chaskiq_core.plugin import Refused


def refuse_webhook() -> Refused:
    """The answer to any webhook."""
    return Refused(status=403, reason="a web messenger has no webhooks: it speaks to /api/v1/messenger")
