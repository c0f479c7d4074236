"""A Bot API error as an HTTP answer."""

from starlette.responses import Response

from chaskiq_core.testing.sandbox import json_response
from chaskiq_telegram.sandbox.errors import BotApiError


def refusal(error: BotApiError) -> Response:
    """Status, body and, for a 429, its header."""
    response = json_response(error.body, status=error.code)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response
