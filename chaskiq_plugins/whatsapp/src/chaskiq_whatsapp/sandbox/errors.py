"""What the Graph API refuses, in its own shape."""

from starlette.responses import Response

from chaskiq_core.testing.sandbox import JsonObject, SandboxError, json_response

TITLES = {
    1: "An unknown error occurred",
    2: "Service temporarily unavailable",
    4: "Application request limit reached",
    33: "The business phone number has been deleted",
    100: "Invalid parameter",
    190: "Access token has expired",
    368: "Temporarily blocked for policies violations",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131030: "Recipient phone number not in allowed list",
    131031: "Account has been locked",
    131042: "Business eligibility payment issue",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped receiving marketing messages",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132012: "Parameter format does not match format in the created template",
    132015: "Template is paused",
    132016: "Template is disabled",
    133010: "Phone number not registered",
}
STATUSES = {
    2: 503, 190: 401, 131000: 500, 131005: 403, 131016: 500, 131031: 403, 131057: 500, 132001: 404, 368: 403
}  # fmt: skip
DETAILS = {
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied "
    "to this number.",
    131053: "Unsupported media.",
}


class GraphError(SandboxError):
    """A refusal: Meta's code, and a sentence about this case."""

    def __init__(self, code: int, details: str = "", *, subcode: int | None = None, status: int | None = None) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details or DETAILS.get(code, "")
        self.subcode = subcode
        self.status = status or STATUSES.get(code, 400)

    @property
    def body(self) -> JsonObject:
        """The answer."""
        title = TITLES.get(self.code, "Error")
        shown = f"{title}: {self.details}" if self.code == 100 and self.details else title
        error: JsonObject = {
            "message": f"(#{self.code}) {shown}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "ASandboxTrace",
        }
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}

    @property
    def in_status(self) -> JsonObject:
        """The same as a status webhook tells it."""
        title = TITLES.get(self.code, "Error")
        told: JsonObject = {"code": self.code, "title": title, "message": title}
        if self.details:
            told["error_data"] = {"details": self.details}
        return told

    def response(self) -> Response:
        return json_response(self.body, status=self.status)


def gone(what: str) -> GraphError:
    """An id in the path that is nobody's, or not this token's."""
    return GraphError(
        100,
        f"Unsupported request. Object with ID '{what}' does not exist, cannot be loaded due to missing permissions",
        subcode=33,
    )
