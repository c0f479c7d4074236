"""One call of a channel's network hook: under its limit, timed, noted, and without a secret in what it raises."""

import logging
import time
import traceback
from collections.abc import Awaitable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache
from typing import Protocol

import anyio
import httpx

from chaskiq_core.correlation import correlation_id
from chaskiq_core.errors import ChaskiqError, PluginError, SendError
from chaskiq_core.host.call_log import CallLog, HttpCall, RecordedCall
from chaskiq_core.host.exchange import NotingTransport, describe, noting_client
from chaskiq_core.host.quiet_log import calling, plugin_log
from chaskiq_core.host.redact import Redactor, redactor_of
from chaskiq_core.host.registry import Channel
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.plugin.manifest import ChannelSettings
from chaskiq_core.plugin.outbound import ChannelContext, MediaReader
from chaskiq_core.telemetry import CALL_SECONDS, Telemetry

MAX_ERROR = 500
MAKES_SECRETS = frozenset({"refresh_credentials"})
MAX_CODE = 50
log = logging.getLogger("chaskiq.host")


class Integrated(Protocol):
    """An integration as a call needs it: whose it is, and what its plugin is given."""

    @property
    def app_id(self) -> AppId: ...
    @property
    def id(self) -> IntegrationId: ...
    @property
    def settings(self) -> ChannelSettings: ...
    @property
    def hook_token(self) -> str: ...


class Network:
    """Calls network hooks over the shared HTTP client, and notes each call."""

    def __init__(self, http: httpx.AsyncClient, media: MediaReader, telemetry: Telemetry, calls: CallLog) -> None:
        self._http = http
        self._media = media
        self._telemetry = telemetry
        self._calls = calls

    async def call(
        self, channel: Channel, hook: str, timeout_seconds: float, integration: Integrated, **given: object
    ) -> object:
        """What the hook returns; raises what it raises of the house's errors, PluginError for everything else."""
        redact = redactor(integration)
        http, notes = noting_client(self._http)
        context = ChannelContext(
            settings=integration.settings,
            http=http,
            timeout_seconds=timeout_seconds,
            log=plugin_log(channel.name),
            media=self._media,
        )
        at, started = datetime.now(UTC), time.monotonic()
        outcome, failure = "cancelled", ""
        code = ""
        try:
            with self._span(channel, hook), calling(redact), anyio.fail_after(timeout_seconds):
                coming = channel.hooks[hook](context=context, **given)
                assert isinstance(coming, Awaitable)  # the registry has checked it
                answer: object = await coming
            outcome = "ok"
            return answer
        except ChaskiqError as error:
            redact.hide_in(error)
            outcome, failure = _outcome(error), str(error)
            code = error.code if isinstance(error, SendError) else ""
            raise
        except TimeoutError:
            outcome, failure = "timeout", f"it took over {timeout_seconds:.3g} s"
            raise PluginError(f"plugin {channel.name}: {hook} hung, {failure}") from None
        except Exception as error:
            outcome, failure = "plugin_error", redact(reason_of(error))
            # A traceback quotes the error, and with it, say, a URL that holds a token.
            told = redact("".join(traceback.format_exception(error)))
            log.error("plugin %s: %s raised %s", channel.name, hook, told)
            raise PluginError(f"plugin {channel.name}: {hook} raised {failure}") from None
        finally:
            seconds = time.monotonic() - started
            self._telemetry.observe(CALL_SECONDS, seconds, channel.manifest.provider, hook, outcome)
            self._calls.add(
                RecordedCall(
                    app_id=integration.app_id,
                    integration_id=integration.id,
                    hook=hook,
                    outcome=outcome,
                    code=code[:MAX_CODE],
                    error=failure[:MAX_ERROR],
                    correlation_id=correlation_id(),
                    started_at=at,
                    duration_ms=round(seconds * 1_000),
                    # what comes back there is a secret that no redactor knows yet
                    http=() if hook in MAKES_SECRETS else _described(notes, redact),
                )
            )

    def _span(self, channel: Channel, hook: str) -> AbstractContextManager[None]:
        return self._telemetry.span("provider call", provider=channel.manifest.provider, hook=hook)


def redactor(integration: Integrated) -> Redactor:
    """What hides an integration's secrets: its Secret settings, and the token of its hook URL."""
    settings = integration.settings
    values = (getattr(settings, name) for name in _secret_names(type(settings)))
    return redactor_of(frozenset([integration.hook_token, *(str(value) for value in values if value)]))


def reason_of(error: Exception) -> str:
    """What an error is and says."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@cache
def _secret_names(settings: type[ChannelSettings]) -> frozenset[str]:
    return settings.secret_names()


def _outcome(error: ChaskiqError) -> str:
    """The class of a SendError, or whose fault it is."""
    match error:
        case SendError():
            return error.error_class
        case PluginError():
            return "plugin_error"
        case _:
            return "refused"


def _described(notes: NotingTransport, redact: Redactor) -> tuple[HttpCall, ...]:
    return tuple(describe(exchange, redact) for exchange in notes.exchanges)
