"""The Web API over HTTP: token, method and parameters in; the method's answer out, logged, or spoiled by a fault."""

from base64 import b64decode
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chaskiq_core.testing.sandbox import (
    CustomerApiError,
    Json,
    JsonObject,
    LoggedCall,
    json_response,
    read_json,
    read_object,
    spoil,
)
from chaskiq_slack.sandbox.errors import SlackError, refusal
from chaskiq_slack.sandbox.events import Teller
from chaskiq_slack.sandbox.faults import Fault, refuse
from chaskiq_slack.sandbox.methods.call import Call, Method
from chaskiq_slack.sandbox.methods.people import exchange_code
from chaskiq_slack.sandbox.methods.table import find_method
from chaskiq_slack.sandbox.sandbox import SlackSandbox

CODE_SECONDS = 600.0
IN_JSON = frozenset({"blocks", "metadata", "files", "attachments"})
"""Parameters that a form holds as JSON."""


class WebApi:
    """Answers `/api/{method}` and `/oauth/v2/authorize`."""

    def __init__(self, sandbox: SlackSandbox, teller: Teller) -> None:
        self._sandbox = sandbox
        self._teller = teller

    async def answer(self, request: Request) -> Response:
        """The whole story of one call."""
        name = request.path_params["method"]
        try:
            parameters = await _parameters(request)
            if name == "oauth.v2.access":
                return json_response(exchange_code(self._sandbox, _client(request) | parameters))
            scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
            given = parameters.pop("token", "")
            app = self._sandbox.app_of(bearer.strip() if scheme.lower() == "bearer" else str(given))
            method = find_method(name)
        except SlackError as error:
            return refusal(error)
        base_url = str(request.base_url).rstrip("/")
        call = Call(sandbox=self._sandbox, teller=self._teller, app=app, parameters=parameters, base_url=base_url)
        answer = await self._answer(request, call, name, method)
        answer.headers["X-OAuth-Scopes"] = ",".join(sorted(app.scopes))
        return answer

    async def authorize(self, request: Request) -> Response:
        """The page on which somebody agrees to install the app: here everybody does, at once."""
        asked = request.query_params
        redirect_uri = asked.get("redirect_uri", "")
        if not asked.get("client_id") or not redirect_uri.startswith(("http://", "https://")):
            raise CustomerApiError(422, "client_id and redirect_uri are needed")
        code = self._sandbox.apps.add_code(
            client_id=asked["client_id"],
            redirect_uri=redirect_uri,
            scope=asked.get("scope", ""),
            expires_at=self._sandbox.now() + CODE_SECONDS,
        )
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': asked.get('state', '')})}")

    async def _answer(self, request: Request, call: Call, name: str, method: Method) -> Response:
        fault = self._sandbox.faults.take(name, call.parameters)
        if fault is None:
            return _carry_out(call, name, method)
        if not fault.is_carried_out:
            _log(call, name, {"ok": False, "fault": fault.kind}, is_accepted=False)
            return await spoil(fault, request, self._sandbox, refuse)
        return await spoil(fault, request, self._sandbox, refuse, partial(_carry_out, call, name, method, fault))


def _carry_out(call: Call, name: str, method: Method, fault: Fault | None = None) -> Response:
    """Run the method and log it, in one transaction."""
    noted: JsonObject = {"fault": fault.kind} if fault else {}
    with call.sandbox.database.transaction():
        try:
            answer = method(call)
        except SlackError as error:
            _log(call, name, error.body | noted, is_accepted=False)
            return refusal(error)
        _log(call, name, {"ok": True} | noted, is_accepted=True, message_ids=answer.message_ids)
    return json_response(answer.body)


def _log(call: Call, name: str, outcome: JsonObject, *, is_accepted: bool, message_ids: tuple[str, ...] = ()) -> None:
    call.sandbox.calls.add(
        LoggedCall(
            at=call.sandbox.now(),
            account=call.app.app_id,
            method=name,
            parameters=call.parameters,
            is_accepted=is_accepted,
            outcome=outcome,
            message_ids=message_ids,
        )
    )
    call.sandbox.news.ring()


async def _parameters(request: Request) -> JsonObject:
    """What was given: in the URL, in a form, or as JSON."""
    given: JsonObject = {name: _value(name, value) for name, value in request.query_params.items()}
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            return given | read_object(await request.body())
        except ValueError:
            raise SlackError("invalid_json") from None
    async with request.form() as form:
        for name, value in form.items():
            given[name] = _value(name, value) if isinstance(value, str) else None
    return given


def _client(request: Request) -> JsonObject:
    """Which app asks for its token, where it says so as HTTP Basic does."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = b64decode(given).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}


def _value(name: str, value: str) -> Json:
    if name not in IN_JSON:
        return value
    try:
        return read_json(value)
    except ValueError:
        raise SlackError("invalid_blocks_format" if name == "blocks" else "invalid_arguments") from None
