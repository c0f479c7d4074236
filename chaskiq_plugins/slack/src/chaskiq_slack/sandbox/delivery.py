"""What the delivery of events must know of Slack: where an app's go, signed at each attempt, and named as a retry."""

from collections.abc import Callable
from urllib.parse import parse_qs

from chaskiq_core.testing.sandbox import JsonObject, Target, WaitingPost, object_at, read_object
from chaskiq_slack.sandbox.memory.apps import Apps
from chaskiq_slack.verify import BytesVerifier

FORM = "application/x-www-form-urlencoded"
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class InstalledApps:
    """The apps as accounts: an account's name is the app's token."""

    def __init__(self, apps: Apps, now: Callable[[], float]) -> None:
        self._apps = apps
        self._now = now

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        app = self._apps.of_token(account)
        is_form = not post.body.startswith(b"{")
        url = ((app.interactivity_url if is_form else "") or app.request_url) if app else ""
        if app is None or not url:
            return None
        headers = signed_headers(app.signing_secret, post.body, int(self._now()))
        headers["Content-Type"] = FORM if is_form else "application/json"
        if failures:
            headers["X-Slack-Retry-Num"] = str(failures)
            headers["X-Slack-Retry-Reason"] = _reason(self._apps.last_error(account))
        return Target(url=url, headers=headers)

    def facts(self, post: WaitingPost) -> JsonObject:
        """What a fault may ask for: the event's type and channel."""
        if not post.body.startswith(b"{"):
            kind = "interaction" if "payload" in parse_qs(post.body.decode()) else "command"
            return {"event": kind}
        event = object_at(read_object(post.body), "event")
        return {"event": event.get("type"), "channel": event.get("channel"), "subtype": event.get("subtype")}

    def failed(self, account: str, error: str) -> None:
        self._apps.note_error(account, error)


def signed_headers(secret: str, body: bytes, now: int) -> dict[str, str]:
    """The headers by which a body is known to be Slack's."""
    signature = BytesVerifier(secret).generate_signature(timestamp=str(now), body=body)
    return {"User-Agent": USER_AGENT, "X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": signature}


def _reason(error: str) -> str:
    if "timeout" in error.lower():
        return "http_timeout"
    return "http_error" if error.startswith("Wrong response") else "connection_failed"
