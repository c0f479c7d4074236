"""Every refusal of the sandbox, in one place.

SandboxError
├── BotApiError        the Bot API's answer to a bot: HTTP status, description and parameters, in Telegram's words
└── CustomerApiError   of every sandbox: the answer to whoever plays a customer
"""

from chaskiq_core.testing.sandbox import JsonObject, SandboxError

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class BotApiError(SandboxError):
    """What the Bot API answers instead of a result."""

    def __init__(
        self,
        code: int,
        description: str,
        *,
        retry_after_seconds: int | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code  # HTTP status and error_code alike
        self.description = description  # as Telegram words it, with its title
        self.retry_after_seconds = retry_after_seconds  # of a 429: in `parameters` and in the Retry-After header
        self.migrate_to_chat_id = migrate_to_chat_id  # the supergroup that a group has become

    @property
    def body(self) -> JsonObject:
        """The answer's JSON, shaped as Telegram's."""
        body: JsonObject = {"ok": False, "error_code": self.code, "description": self.description}
        parameters: JsonObject = {}
        if self.retry_after_seconds is not None:
            parameters["retry_after"] = self.retry_after_seconds
        if self.migrate_to_chat_id is not None:
            parameters["migrate_to_chat_id"] = self.migrate_to_chat_id
        if parameters:
            body["parameters"] = parameters
        return body


def bad_request(reason: str) -> BotApiError:
    """400, with the reason as Telegram words it."""
    return BotApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> BotApiError:
    """403: the person, not the message, is the obstacle."""
    return BotApiError(403, f"Forbidden: {reason}")


def unauthorized() -> BotApiError:
    """401: the token is unknown or was revoked."""
    return BotApiError(401, "Unauthorized")


def not_found() -> BotApiError:
    """404: a malformed token or an unknown method; Telegram's public server does not say which."""
    return BotApiError(404, "Not Found")


def too_many_requests(retry_after_seconds: int, description: str | None = None) -> BotApiError:
    """429, with the seconds to wait."""
    return BotApiError(
        429,
        description or f"Too Many Requests: retry after {retry_after_seconds}",
        retry_after_seconds=retry_after_seconds,
    )


def chat_migrated(migrate_to_chat_id: int, description: str | None = None) -> BotApiError:
    """400: the group lives on under another id."""
    return BotApiError(
        400,
        description or "Bad Request: group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=migrate_to_chat_id,
    )
