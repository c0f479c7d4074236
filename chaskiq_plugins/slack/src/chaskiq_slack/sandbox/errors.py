"""What Slack refuses: 200 with ok:false and a word for it, but for rate limits."""

from starlette.responses import Response

from chaskiq_core.testing.sandbox import JsonObject, SandboxError, json_response


class SlackError(SandboxError):
    """A call that is refused, by Slack's own word for why."""

    def __init__(self, error: str, *, status: int = 200, retry_after: int | None = None, **told: str) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after
        self.told = told

    @property
    def body(self) -> JsonObject:
        return {"ok": False, "error": self.error, **self.told}


def refusal(error: SlackError) -> Response:
    """The answer over HTTP."""
    response = json_response(error.body, status=error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def ratelimited(seconds: int = 1) -> SlackError:
    """Too many calls."""
    return SlackError("ratelimited", status=429, retry_after=seconds)
