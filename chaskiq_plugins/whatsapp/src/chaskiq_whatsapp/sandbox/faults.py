"""WhatsApp's faults: those of every sandbox, any of Meta's codes, and messages that fail after they were accepted."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.responses import Response

from chaskiq_core.testing import sandbox as base
from chaskiq_core.testing.sandbox import FaultKind, Json, json_response
from chaskiq_whatsapp.sandbox.errors import GraphError

REFUSE = "refuse"  # the call is refused with `code`
FAIL = "fail"  # of messages: accepted, then a status `failed` with `code`
CODES = {FaultKind.UNAUTHORIZED: 190, FaultKind.TOO_MANY_REQUESTS: 130429, FaultKind.SERVER_ERROR: 131000}
GATEWAYS = frozenset({FaultKind.BAD_GATEWAY, FaultKind.UNAVAILABLE, FaultKind.GATEWAY_TIMEOUT})


class Fault(base.Fault):
    """A rule: the next calls that match it go wrong. Methods: messages, read, media, download, numbers …"""

    OWN_KINDS: ClassVar[frozenset[str]] = frozenset({REFUSE, FAIL})

    code: int = 131026  # of refuse and fail
    to: str | None = None  # only messages to this person

    @property
    def is_carried_out(self) -> bool:
        return self.kind == FAIL or super().is_carried_out

    def is_about(self, parameters: Mapping[str, Json]) -> bool:
        told = str(parameters.get("to") or parameters.get("recipient") or "").lstrip("+")
        return (self.to is None or told == self.to) and super().is_about(parameters)


def refuse(fault: Fault) -> Response:
    """What Meta says when this goes wrong; a gateway before it says nothing that can be read."""
    if fault.kind in GATEWAYS:
        return Response("upstream error", status_code=fault.status or 502, media_type="text/html")
    if fault.kind == REFUSE:
        return GraphError(fault.code, fault.description or "").response()
    kind = FaultKind(fault.kind)
    answer = GraphError(CODES.get(kind, 100), fault.description or "", status=fault.status)
    headers = {"retry-after": str(fault.retry_after)} if kind is FaultKind.TOO_MANY_REQUESTS else {}
    response = json_response(answer.body, status=answer.status)
    response.headers.update(headers)
    return response
