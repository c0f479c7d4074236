"""The Graph API over HTTP: version, path and token in; the answer out, logged, or spoiled by a fault."""

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import JsonObject, LoggedCall, json_response, read_object, spoil
from chaskiq_whatsapp.sandbox.errors import GraphError
from chaskiq_whatsapp.sandbox.faults import Fault, refuse
from chaskiq_whatsapp.sandbox.graph.media import download, look_up, upload
from chaskiq_whatsapp.sandbox.graph.numbers import app_apps, change_number, show_number, show_token, subscribe
from chaskiq_whatsapp.sandbox.graph.sending import Accepted, take_message
from chaskiq_whatsapp.sandbox.graph.template_list import list_templates
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox

Carry = Callable[[Fault | None], Accepted]


class GraphApi:
    """Answers `/v…/…` and `/files/…`."""

    def __init__(self, sandbox: WhatsAppSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/{version}/debug_token", self.debug_token),
            Route("/{version}/{id}/messages", self.messages, methods=["POST"]),
            Route("/{version}/{id}/media", self.media, methods=["POST"]),
            Route("/{version}/{id}/message_templates", self.templates),
            Route("/{version}/{id}/subscribed_apps", self.subscribed_apps, methods=["GET", "POST", "DELETE"]),
            Route("/files/{secret}", self.file),
            Route("/{version:str}/{id}", self.node, methods=["GET", "POST"]),
        ]

    async def messages(self, request: Request) -> Response:
        body = await _json_of(request)
        # A message marked read goes the same way, and is no send: faults and the log tell them apart.
        return await self._answer(
            request,
            "read" if body.get("status") is not None else "messages",
            body,
            lambda fault: take_message(self._sandbox, self._sandbox.numbers.of_token(_id(request)), body, fault),
        )

    async def media(self, request: Request) -> Response:
        self._check(request)
        number = self._sandbox.numbers.of_token(_id(request))
        stored = await upload(self._sandbox, number.id, request)
        return await self._answer(request, "media", {}, lambda fault: Accepted(answer=stored))

    async def templates(self, request: Request) -> Response:
        query: JsonObject = dict(request.query_params)
        return await self._answer(
            request,
            "templates",
            query,
            lambda fault: Accepted(answer=list_templates(self._sandbox, _id(request), query)),
        )

    async def subscribed_apps(self, request: Request) -> Response:
        def carry_out(fault: Fault | None) -> Accepted:
            if request.method == "GET":
                return Accepted(answer=app_apps(self._sandbox, _id(request)))
            return Accepted(answer=subscribe(self._sandbox, _id(request), on=request.method == "POST"))

        return await self._answer(request, "subscribed_apps", {}, carry_out)

    async def debug_token(self, request: Request) -> Response:
        query: JsonObject = dict(request.query_params)
        return await self._answer(request, "debug_token", query, lambda fault: Accepted(answer=show_token(query)))

    async def node(self, request: Request) -> Response:
        """A number, or a file."""
        self._check(request)
        name = _id(request)
        if request.method == "POST":
            body = await _json_of(request)
            answer = await change_number(self._sandbox, name, body)
            return await self._answer(request, "numbers", body, lambda fault: Accepted(answer=answer))
        if self._sandbox.media.find(name) is not None:
            base = str(request.base_url).rstrip("/")
            return await self._answer(
                request, "media_url", {"id": name}, lambda fault: Accepted(answer=look_up(self._sandbox, name, base))
            )
        return await self._answer(
            request, "numbers", {"id": name}, lambda fault: Accepted(answer=show_number(self._sandbox, name))
        )

    async def file(self, request: Request) -> Response:
        fault = self._sandbox.faults.take_download()
        if fault is None:
            return download(self._sandbox, request)
        carry = partial(download, self._sandbox, request) if fault.is_carried_out else None
        return await spoil(fault, request, self._sandbox, refuse, carry)

    async def _answer(self, request: Request, method: str, parameters: JsonObject, carry_out: Carry) -> Response:
        self._check(request)
        fault = self._sandbox.faults.take(method, parameters)
        run = partial(self._carry_out, request, method, parameters, carry_out, fault)
        if fault is None or fault.kind == "fail":
            return run()
        if not fault.is_carried_out:
            self._log(request, method, parameters, {"fault": fault.kind}, is_accepted=False)
            return await spoil(fault, request, self._sandbox, refuse)
        return await spoil(fault, request, self._sandbox, refuse, run)

    def _carry_out(
        self, request: Request, method: str, parameters: JsonObject, carry_out: Carry, fault: Fault | None
    ) -> Response:
        try:
            accepted = carry_out(fault)
        except GraphError as error:
            self._log(request, method, parameters, error.body, is_accepted=False)
            return error.response()
        self._log(request, method, parameters, {}, is_accepted=True, wamid=accepted.wamid)
        return json_response(accepted.answer)

    def _check(self, request: Request) -> None:
        self._sandbox.numbers.check_token(request.headers.get("authorization", "").removeprefix("Bearer "))

    def _log(
        self,
        request: Request,
        method: str,
        parameters: JsonObject,
        outcome: JsonObject,
        *,
        is_accepted: bool,
        wamid: str = "",
    ) -> None:
        self._sandbox.calls.add(
            LoggedCall(
                at=self._sandbox.now(),
                account=request.path_params.get("id", ""),
                method=method,
                parameters=parameters,
                is_accepted=is_accepted,
                outcome=outcome,
                message_ids=(wamid,) if wamid else (),
            )
        )
        self._sandbox.news.ring()


def _id(request: Request) -> str:
    return str(request.path_params["id"])


async def _json_of(request: Request) -> JsonObject:
    try:
        return read_object(await request.body())
    except ValueError:
        raise GraphError(100, "The body must be a JSON object") from None
