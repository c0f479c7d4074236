"""The part of the JSON API that every sandbox has: its log of calls, its faults, and a fresh start."""

from typing import Generic, Protocol, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox.call_log import CallLog
from chaskiq_core.testing.sandbox.faults import Fault, Faults
from chaskiq_core.testing.sandbox.json_value import Json, JsonObject
from chaskiq_core.testing.sandbox.requests import TRUE_WORDS, body_of, look, number_of
from chaskiq_core.testing.sandbox.responses import json_response
from chaskiq_core.testing.sandbox.tasks import Bell

F = TypeVar("F", bound=Fault)


class Controlled(Protocol[F]):
    """A sandbox with these controls; the sandbox itself will do."""

    calls: CallLog
    faults: Faults[F]
    news: Bell
    closing: anyio.Event

    def clear_faults(self) -> None:
        """Nothing goes wrong any more, and what was held back goes on."""
        ...

    def reset(self) -> None:
        """Forget messages, calls and faults; no id may come twice."""
        ...


class ControlRoutes(Generic[F]):
    """Answers `/sandbox/calls`, `/sandbox/faults` and `/sandbox/reset`."""

    def __init__(self, sandbox: Controlled[F], fault: type[F]) -> None:
        self._sandbox = sandbox
        self._fault = fault

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/calls", self.calls),
            Route("/sandbox/faults", self.add_fault, methods=["POST"]),
            Route("/sandbox/faults", self.faults),
            Route("/sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/sandbox/reset", self.reset, methods=["POST"]),
        ]

    async def calls(self, request: Request) -> Response:
        """`method`, `accepted` and `account` narrow the log down, `after` continues it, `wait` waits for more."""
        accepted = request.query_params.get("accepted")

        def see() -> list[Json]:
            entries = self._sandbox.calls.entries(
                after=number_of(request, "after"),
                method=request.query_params.get("method"),
                is_accepted=None if accepted is None else accepted.lower() in TRUE_WORDS,
                account=request.query_params.get("account"),
            )
            return [self.shown(entry) for entry in entries]

        return json_response({"calls": await look(self._sandbox, request, see, bool)})

    def shown(self, entry: JsonObject) -> JsonObject:
        """A logged call as it is shown; a subclass may use the provider's names."""
        return entry

    async def add_fault(self, request: Request) -> Response:
        self._sandbox.faults.add(self._fault.model_validate(await body_of(request)))
        return self._shown_faults(status=201)

    async def faults(self, request: Request) -> Response:
        return self._shown_faults()

    async def clear_faults(self, request: Request) -> Response:
        self._sandbox.clear_faults()
        return self._shown_faults()

    async def reset(self, request: Request) -> Response:
        self._sandbox.reset()
        return json_response({"reset": True})

    def _shown_faults(self, *, status: int = 200) -> Response:
        shown = [fault.model_dump(mode="json") for fault in self._sandbox.faults.all]
        return json_response({"faults": list[Json](shown)}, status=status)
