"""Slack's faults: those of every sandbox, and any error by Slack's own word."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.responses import HTMLResponse, Response

from chaskiq_core.testing import sandbox as base
from chaskiq_core.testing.sandbox import Json
from chaskiq_slack.sandbox.errors import SlackError, ratelimited, refusal

ERROR = "error"  # 200 with ok:false and `error`
LOGIN_PAGE = "login_page"  # of a download: the page that Slack shows to who may not have the file
WORDS = {400: "invalid_arguments", 401: "invalid_auth", 403: "no_permission", 404: "unknown_method"}


class Fault(base.Fault):
    """A rule: the next calls that match it go wrong."""

    OWN_KINDS: ClassVar[frozenset[str]] = frozenset({ERROR, LOGIN_PAGE})

    error: str = "internal_error"  # of the kind `error`
    channel: str | None = None  # only calls about this channel; None for all

    def is_about(self, parameters: Mapping[str, Json]) -> bool:
        is_channel = self.channel is None or self.channel in (parameters.get("channel"), parameters.get("channel_id"))
        return is_channel and super().is_about(parameters)


def refuse(fault: Fault) -> Response:
    """What Slack says when this goes wrong."""
    if fault.kind == LOGIN_PAGE:
        return HTMLResponse("<html><title>Sign in to Slack</title>")
    if fault.kind == ERROR:
        return refusal(SlackError(fault.error))
    if fault.status == 429:
        return refusal(ratelimited(fault.retry_after))
    status = fault.status or 200
    if status >= 500:
        return HTMLResponse("<html><title>Server Error</title>", status_code=status)
    return refusal(SlackError(fault.description or WORDS.get(status, "fatal_error"), status=status))
