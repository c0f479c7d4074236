"""A webhook up to its answer: find whose it is, verify, route, store; then, and only then, 200."""

import logging
from dataclasses import dataclass
from itertools import islice

from anyio import to_thread

from chaskiq_core.correlation import correlated
from chaskiq_core.errors import (
    ChaskiqError,
    NotFoundError,
    PluginError,
    RaceError,
    RefusalError,
    SettingsError,
    UnavailableError,
    UnreadableError,
)
from chaskiq_core.host.call import Host
from chaskiq_core.host.network import redactor
from chaskiq_core.host.registry import Channel
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.plugin.webhook import Accepted, Answer, Refused, WebhookItem, WebhookRequest
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.clock import IdClock
from chaskiq_core.store.ledgers import Arrival, ArrivedItem
from chaskiq_core.store.store import Store
from chaskiq_core.telemetry import UNKNOWN, WEBHOOKS, Telemetry

MAX_BODY_BYTES = 10_000_000
BIG_BODY_BYTES = 256_000
"""A body over this is hashed and decoded in a thread, so that it delays nobody else."""
MAX_KEY_CHARACTERS = 512
KEPT_HEADERS = 64
OF_HTTP = frozenset({"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"})
"""Headers that prove nothing: no time is spent on looking for a secret in them."""
AWAY = "the server can't take this now; send it again"
log = logging.getLogger("chaskiq.hooks")


@dataclass(slots=True, kw_only=True)
class HookAnswer:
    """What the provider is answered. Not frozen: one is made for each webhook, and that takes three times as long."""

    status: int
    body: str = ""
    media_type: str = "text/plain"
    correlation_id: str = ""
    """By which logs call this webhook and all that follows from it; the door may tell it as `X-Request-ID`."""


class Receiver:
    """Takes webhooks on behalf of one hub."""

    def __init__(self, store: Store, integrations: IntegrationCache, host: Host, telemetry: Telemetry) -> None:
        self._store = store
        self._integrations = integrations
        self._host = host
        self._telemetry = telemetry

    async def receive(self, token: str, request: WebhookRequest) -> HookAnswer:
        """The answer to a webhook at the hook URL of that token.

        200 means that it is on disk. Raises NotFoundError (404), UnreadableError (400), UnavailableError (503: the
        provider repeats it), PluginError (500: it repeats it, too).
        """
        request_id = self._store.clock.next_id()
        with correlated(str(request_id)), self._telemetry.span("webhook"):
            return await self._receive(token, request, request_id)

    async def answer(self, token: str, request: WebhookRequest) -> HookAnswer:
        """The answer, whatever comes of it: all that `receive` raises is an answer, too."""
        request_id = self._store.clock.next_id()
        name = str(request_id)
        with correlated(name), self._telemetry.span("webhook"):
            try:
                answer = await self._receive(token, request, request_id)
            except ChaskiqError as error:
                answer = answer_to(error)
        answer.correlation_id = name
        return answer

    async def answer_shared(self, provider: str, request: WebhookRequest) -> HookAnswer:
        """The answer to a webhook at the one URL that a provider has for all accounts of an app, whatever comes of it.

        Each integration of the accounts that it names verifies it; whoever accepts it stores it.
        """
        request_id = self._store.clock.next_id()
        name = str(request_id)
        with correlated(name), self._telemetry.span("webhook"):
            try:
                answer, result = await self._take_shared(provider, request, request_id)
                self._telemetry.count(WEBHOOKS, provider, result)
            except ChaskiqError as error:
                self._telemetry.count(WEBHOOKS, UNKNOWN, _result_of(error))
                answer = answer_to(error)
        answer.correlation_id = name
        return answer

    async def _take_shared(self, provider: str, request: WebhookRequest, request_id: int) -> tuple[HookAnswer, str]:
        channel = self._integrations.channel(provider)
        if (refused := _refuse(channel, request)) is not None:
            return refused
        accounts = await self._host.accounts_of(channel, request)
        found = await self._integrations.by_accounts(channel.manifest.provider, accounts or None)
        answers: list[tuple[HookAnswer, str]] = []
        for n, integration in enumerate(found):
            own_id = self._store.clock.next_id() if n else request_id
            answer, result = await self._take(channel, integration, request, own_id, stores=bool(accounts))
            if result == "answered":
                return answer, result
            answers.append((answer, result))
        taken = [one for one in answers if one[1] == "accepted"]
        refusals = [one for one in answers if one[1] == "refused"]
        if (taken and accounts) or refusals:
            return (taken or refusals)[0]
        raise NotFoundError("no integration has the account that this webhook names")

    async def _receive(self, token: str, request: WebhookRequest, request_id: int) -> HookAnswer:
        provider = UNKNOWN
        try:
            if len(request.body) > MAX_BODY_BYTES:
                self._telemetry.count(WEBHOOKS, UNKNOWN, "too_large")
                return HookAnswer(status=413, body=f"a webhook may have {MAX_BODY_BYTES} bytes")
            try:
                channel, integration = await self._integrations.by_token(token)
            except SettingsError as error:
                raise UnavailableError(str(error)) from error
            provider = channel.manifest.provider
            answer, result = await self._take(channel, integration, request, request_id)
        except Exception as error:
            self._telemetry.count(WEBHOOKS, provider, _result_of(error))
            raise
        self._telemetry.count(WEBHOOKS, provider, result)
        return answer

    async def _take(
        self,
        channel: Channel,
        integration: OpenIntegration,
        request: WebhookRequest,
        request_id: int,
        *,
        stores: bool = True,
    ) -> tuple[HookAnswer, str]:
        """The answer, and how the webhook is counted. `stores`: what is accepted is kept."""
        if (refused := _refuse(channel, request)) is not None:
            return refused
        if len(request.body) > BIG_BODY_BYTES:
            await to_thread.run_sync(request.decode_ahead)
        verdict, items = await self._host.receive(channel, request, integration.settings)
        match verdict:
            case Refused():
                return HookAnswer(status=verdict.status, body=verdict.reason), "refused"
            case Answer():
                answer = HookAnswer(status=verdict.status, body=verdict.body, media_type=verdict.media_type)
                return answer, "answered"
            case Accepted():
                if stores:
                    await self._store.append(arrival_of(self._store.clock, integration, request, items, request_id))
                return HookAnswer(status=200, body=verdict.body, media_type=verdict.media_type), "accepted"


def arrival_of(
    clock: IdClock,
    integration: OpenIntegration,
    request: WebhookRequest,
    items: tuple[WebhookItem, ...],
    request_id: int,
) -> Arrival:
    """The request as the ledger keeps it."""
    stored = integration.stored
    # A shared secret came with the request; it proved itself, and nothing reads it again.
    redact = redactor(integration)
    return Arrival(
        app_id=stored.app_id,
        id=request_id,
        integration_id=stored.id,
        account=stored.account,
        method=request.method,
        headers={
            name: value if name in OF_HTTP else redact(value)
            for name, value in islice(request.headers.items(), KEPT_HEADERS)
        },
        query=redact(request.query),
        body=request.body,
        received_at=utc_now(),
        items=[
            ArrivedItem(
                id=clock.next_id(),
                dedupe_key=item.dedupe_key[:MAX_KEY_CHARACTERS],
                lane_key=inbound_lane(stored.id, item.lane),
                path=item.path,
            )
            for item in items
        ],
    )


def inbound_lane(integration_id: int, lane: str) -> str:
    """The lane of an integration's chat."""
    return f"{integration_id}/{lane[:MAX_KEY_CHARACTERS]}"


def _refuse(channel: Channel, request: WebhookRequest) -> tuple[HookAnswer, str] | None:
    manifest = channel.manifest
    if request.method in manifest.methods:
        return None
    return HookAnswer(status=405, body=f"{manifest.provider} sends {sorted(manifest.methods)}"), "wrong_method"


def _result_of(error: Exception) -> str:
    match error:
        case UnreadableError():
            return "unreadable"
        case NotFoundError():
            return "unknown_token"
        case UnavailableError() | RaceError():
            return "unavailable"
        case _:
            return "failed"


def answer_to(error: ChaskiqError) -> HookAnswer:
    """Each error of `receive` as the answer that makes a provider do the right thing."""
    match error:
        case RefusalError():
            return HookAnswer(status=error.status, body=str(error))
        case UnavailableError() | RaceError():
            log.warning("a webhook was not taken: %s", error)
            return HookAnswer(status=503, body=AWAY)
        case PluginError():
            log.error("a webhook was not taken: %s", error)
            return HookAnswer(status=500, body="this webhook could not be read")
        case _:
            log.error("a webhook was not taken: %s: %s", type(error).__name__, error)
            return HookAnswer(status=500, body="this webhook could not be taken")
