"""Calling one plugin: awaited under a limit, its answer checked, whatever it does turned into a named error."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

import anyio
import httpx
from anyio import CapacityLimiter

from chaskiq_core.effects import Effect
from chaskiq_core.errors import (
    ChaskiqError,
    ContentError,
    NotFoundError,
    PluginError,
    ReauthError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
    UnreadableError,
)
from chaskiq_core.host.call_log import CallLog
from chaskiq_core.host.child import CHILDREN, run_in_child
from chaskiq_core.host.network import Integrated, Network, reason_of, redactor
from chaskiq_core.host.registry import Channel, Observer
from chaskiq_core.host.renewal import Credentials, Renewal
from chaskiq_core.plugin.events import Attachment, InboundEvent, Sender
from chaskiq_core.plugin.hookspecs import ObserverContext
from chaskiq_core.plugin.manifest import ChannelSettings
from chaskiq_core.plugin.outbound import (
    NO_MEDIA,
    HealthCheck,
    Installed,
    MediaReader,
    MediaSink,
    Piece,
    Polled,
    Receipt,
    SentMessage,
)
from chaskiq_core.plugin.templates import Template
from chaskiq_core.plugin.views import MirrorView
from chaskiq_core.plugin.webhook import Accepted, Answer, Refused, Verdict, WebhookItem, WebhookRequest
from chaskiq_core.telemetry import PLUGIN_FAILURES, SENDS, Telemetry

VERDICTS = (Accepted, Answer, Refused)
EVENTS = get_args(InboundEvent)
EFFECTS = get_args(Effect)
FROM_THE_START = frozenset({"fetch_media"})
"""Hooks that may have written something before they were refused."""
ASK_AGAIN = "see whether this machine reaches the provider, and whether the settings are right; then ask again"
TELL_AUTHOR = "tell the plugin's author, or use another version of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each kind of hook may take, in seconds."""

    receive_seconds: float = 2.0
    """verify and route together, of plugins outside this repository."""
    parse_seconds: float = 5.0
    send_seconds: float = 30.0
    look_up_seconds: float = 10.0
    install_seconds: float = 30.0
    health_seconds: float = 10.0
    list_seconds: float = 10.0
    fetch_seconds: float = 45.0
    signal_seconds: float = 5.0
    """typing and acknowledge."""
    poll_seconds: float = 30.0
    observe_seconds: float = 10.0


class Host:
    """Calls plugins on behalf of one hub, over its shared HTTP client."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        limits: Limits,
        media: MediaReader = NO_MEDIA,
        telemetry: Telemetry | None = None,
        calls: CallLog | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self._telemetry = telemetry or Telemetry()
        self._network = Network(http, media, self._telemetry, calls or CallLog(self._telemetry))
        self.limits = limits
        self._children = CapacityLimiter(CHILDREN)
        self._renewal = Renewal(self._network, credentials, limits.install_seconds) if credentials else None

    async def receive(
        self, channel: Channel, request: WebhookRequest, settings: ChannelSettings
    ) -> tuple[Verdict, tuple[WebhookItem, ...]]:
        """Verify a webhook and, if it is accepted, route it; UnreadableError or PluginError otherwise."""
        arguments = {"request": request, "settings": settings}
        try:
            verdict = _verdict(channel, await self._pure(channel, "verify", arguments, self.limits.receive_seconds))
        except PluginError:
            self._telemetry.count(PLUGIN_FAILURES, channel.name, "verify")
            raise
        if not isinstance(verdict, Accepted):
            return verdict, ()
        return verdict, await self.route(channel, request, settings)

    async def route(
        self, channel: Channel, request: WebhookRequest, settings: ChannelSettings
    ) -> tuple[WebhookItem, ...]:
        """Route a webhook that nobody verified, for who reads bytes of their own; raises as `receive` does."""
        arguments = {"request": request, "settings": settings}
        try:
            return _items(channel, await self._pure(channel, "route", arguments, self.limits.receive_seconds))
        except PluginError:
            self._telemetry.count(PLUGIN_FAILURES, channel.name, "route")
            raise

    async def accounts_of(self, channel: Channel, request: WebhookRequest) -> tuple[str, ...]:
        """The accounts that a webhook of a whole app may belong to; UnreadableError or PluginError if it names none."""
        if "accounts_of" not in channel.hooks:
            raise NotFoundError(f"{channel.manifest.title} has no URL for all accounts")
        with self._counted(channel.name, "accounts_of"):
            named = await self._pure(channel, "accounts_of", {"request": request}, self.limits.receive_seconds)
            if not isinstance(named, Sequence) or any(not isinstance(one, str) or not one for one in named):
                raise PluginError(f"plugin {channel.name}: accounts_of returned something else than names")
            return tuple(named)

    async def parse(
        self,
        channel: Channel,
        request: WebhookRequest,
        item: WebhookItem,
        settings: ChannelSettings,
        *,
        in_child: bool = False,
    ) -> tuple[InboundEvent, ...]:
        """The events of an element; UnreadableError or PluginError if it has none to give."""
        arguments = {"request": request, "item": item, "settings": settings}
        with self._counted(channel.name, "parse"):
            events = await self._pure(channel, "parse", arguments, self.limits.parse_seconds, in_child=in_child)
            if not isinstance(events, Sequence) or any(not isinstance(event, EVENTS) for event in events):
                raise PluginError(f"plugin {channel.name}: parse returned something else than InboundEvents")
            return tuple(events)

    async def send(self, channel: Channel, piece: Piece, integration: Integrated, *, by: float) -> Receipt:
        """Send a piece before the monotonic time `by`; raises SendError, of whatever consequence.

        What raises anything else, hangs, or returns rubbish may have sent it: UnknownOutcomeError.
        """
        left = min(by - time.monotonic(), self.limits.send_seconds)
        if left <= 0:
            raise RetryLaterError("the database took too long; nothing was sent")
        try:
            receipt = await self._guarded(channel, "send", left, integration, piece=piece)
            if not isinstance(receipt, Receipt):
                raise self._rubbish(channel.name, "send", "no Receipt")
        except SendError as error:
            self._telemetry.count(SENDS, channel.manifest.provider, error.error_class)
            raise
        except ChaskiqError as error:
            self._telemetry.count(SENDS, channel.manifest.provider, UnknownOutcomeError.error_class)
            raise UnknownOutcomeError(str(error)) from error
        self._telemetry.count(SENDS, channel.manifest.provider, "sent")
        return receipt

    async def look_up(self, channel: Channel, piece: Piece, since: datetime, integration: Integrated) -> Receipt | None:
        """Whether the provider has a piece that may have been sent; raises SendError or PluginError if nobody says."""
        found = await self._guarded(
            channel, "look_up", self.limits.look_up_seconds, integration, piece=piece, since=since
        )
        if found is not None and not isinstance(found, Receipt):
            raise self._rubbish(channel.name, "look_up", "neither a Receipt nor None")
        return found

    async def edit(self, channel: Channel, piece: Piece, sent: SentMessage, integration: Integrated) -> None:
        """Bring a message to what the piece says now; raises SendError or PluginError."""
        if "edit" not in channel.hooks:
            raise ContentError(f"{channel.manifest.title} can't change what was sent")
        await self._guarded(channel, "edit", self.limits.send_seconds, integration, piece=piece, sent=sent)

    async def delete(self, channel: Channel, sent: SentMessage, integration: Integrated) -> None:
        """Take a message back; raises SendError or PluginError."""
        if "delete" not in channel.hooks:
            raise ContentError(f"{channel.manifest.title} can't take back what was sent")
        await self._guarded(channel, "delete", self.limits.send_seconds, integration, sent=sent)

    async def typing(
        self, channel: Channel, channel_id: str, thread_id: str, integration: Integrated, *, message_id: str = ""
    ) -> None:
        """Show that somebody writes; raises SendError or PluginError."""
        if "typing" in channel.hooks:
            seconds = self.limits.signal_seconds
            given = {"channel_id": channel_id, "thread_id": thread_id, "message_id": message_id}
            await self._guarded(channel, "typing", seconds, integration, **given)

    async def mark_read(
        self, channel: Channel, channel_id: str, thread_id: str, integration: Integrated, *, message_id: str
    ) -> None:
        """Show that the contact's messages were read; raises SendError or PluginError."""
        if "mark_read" in channel.hooks:
            seconds = self.limits.signal_seconds
            given = {"channel_id": channel_id, "thread_id": thread_id, "message_id": message_id}
            await self._guarded(channel, "mark_read", seconds, integration, **given)

    async def acknowledge(self, channel: Channel, callback_id: str, integration: Integrated) -> None:
        """Tell that a press was heard; raises SendError or PluginError."""
        if "acknowledge" in channel.hooks:
            await self._guarded(
                channel, "acknowledge", self.limits.signal_seconds, integration, callback_id=callback_id
            )

    async def fetch_media(
        self,
        channel: Channel,
        attachment: Attachment,
        target: MediaSink,
        integration: Integrated,
        *,
        request: WebhookRequest | None = None,
    ) -> None:
        """Fetch a file's bytes; raises SendError, PluginError, or what the target raises."""
        if "fetch_media" not in channel.hooks:
            raise ContentError(f"{channel.manifest.title} gives no files")
        seconds = self.limits.fetch_seconds
        given = {"attachment": attachment, "target": target, "request": request}
        await self._guarded(channel, "fetch_media", seconds, integration, **given)

    async def poll(self, channel: Channel, cursor: str, integration: Integrated) -> Polled | None:
        """What came in at a provider that calls nobody; raises SendError or PluginError."""
        polled = await self._guarded(channel, "poll", self.limits.poll_seconds, integration, cursor=cursor)
        if polled is not None and not isinstance(polled, Polled):
            raise self._rubbish(channel.name, "poll", "neither Polled nor None")
        return polled

    async def fetch_profile(self, channel: Channel, person_id: str, integration: Integrated) -> Sender:
        """Who somebody is; raises SendError or PluginError."""
        seconds = self.limits.look_up_seconds
        found = await self._guarded(channel, "fetch_profile", seconds, integration, person_id=person_id)
        if not isinstance(found, Sender):
            raise self._rubbish(channel.name, "fetch_profile", "no Sender")
        return found

    async def open_mirror(
        self, channel: Channel, mirror: MirrorView, channel_id: str, integration: Integrated, *, again: bool
    ) -> str:
        """The id of a thread in which agents follow a conversation; raises SendError or PluginError."""
        seconds = self.limits.send_seconds
        thread = await self._guarded(
            channel, "open_mirror", seconds, integration, mirror=mirror, channel_id=channel_id, again=again
        )
        if not isinstance(thread, str) or not thread:
            raise self._rubbish(channel.name, "open_mirror", "no thread")
        return thread

    async def show_mirror(
        self, channel: Channel, mirror: MirrorView, channel_id: str, thread_id: str, integration: Integrated
    ) -> None:
        """Bring a mirror's head to what it shows now; raises SendError or PluginError."""
        seconds = self.limits.send_seconds
        await self._guarded(
            channel, "show_mirror", seconds, integration, mirror=mirror, channel_id=channel_id, thread_id=thread_id
        )

    async def list_templates(self, channel: Channel, integration: Integrated) -> tuple[Template, ...]:
        """The account's templates; raises SendError or PluginError."""
        if "list_templates" not in channel.hooks:
            raise ContentError(f"{channel.manifest.title} has no templates")
        found = await self._guarded(channel, "list_templates", self.limits.list_seconds, integration)
        if not isinstance(found, Sequence) or any(not isinstance(one, Template) for one in found):
            raise self._rubbish(channel.name, "list_templates", "something else than Templates")
        return tuple(found)

    async def install(self, channel: Channel, integration: Integrated, hook_url: str) -> Installed | None:
        """Register our webhook; None: the channel has nothing to register. Raises SendError or PluginError."""
        if "install" not in channel.hooks:
            return None
        answer = await self._guarded(channel, "install", self.limits.install_seconds, integration, hook_url=hook_url)
        if not isinstance(answer, Installed):
            raise self._rubbish(channel.name, "install", "no Installed")
        return answer

    async def uninstall(self, channel: Channel, integration: Integrated) -> None:
        """Take our webhook away. Raises SendError or PluginError."""
        if "uninstall" in channel.hooks:
            await self._guarded(channel, "uninstall", self.limits.install_seconds, integration)

    async def health(self, channel: Channel, integration: Integrated, hook_url: str) -> tuple[HealthCheck, ...]:
        """The lines of `doctor`; what fails is a line, too."""
        if "health" not in channel.hooks:
            return ()
        try:
            lines = await self._guarded(channel, "health", self.limits.health_seconds, integration, hook_url=hook_url)
        except (SendError, PluginError) as error:
            return (HealthCheck(name="provider", ok=False, detail=str(error), fix=ASK_AGAIN),)
        if not isinstance(lines, Sequence) or any(not isinstance(line, HealthCheck) for line in lines):
            rubbish = self._rubbish(channel.name, "health", "something else than HealthChecks")
            return (HealthCheck(name="plugin", ok=False, detail=str(rubbish), fix=TELL_AUTHOR),)
        redact = redactor(integration)
        return tuple(replace(line, detail=redact(line.detail), fix=redact(line.fix)) for line in lines)

    async def observe(
        self, observer: Observer, hook: str, *, context: ObserverContext, **given: object
    ) -> tuple[Effect, ...]:
        """The effects that an observer wants; PluginError if it raised, hung or returned rubbish."""
        with self._counted(observer.name, hook):
            try:
                with anyio.fail_after(self.limits.observe_seconds):
                    effects = await observer.hooks[hook](context=context, **given)  # type: ignore[misc]  # why: async by the registry's check
            except TimeoutError:
                raise PluginError(f"plugin {observer.name}: {hook} hung") from None
            except Exception as error:
                raise PluginError(f"plugin {observer.name}: {hook} raised {reason_of(error)}") from error
            if effects is None:
                return ()
            if not isinstance(effects, Sequence) or any(not isinstance(effect, EFFECTS) for effect in effects):
                raise PluginError(f"plugin {observer.name}: {hook} returned something else than effects")
            return tuple(effects)

    async def _pure(
        self,
        channel: Channel,
        hook: str,
        arguments: dict[str, object],
        timeout_seconds: float,
        *,
        in_child: bool = False,
    ) -> object:
        """A pure hook: ours inline, a stranger's in a child that is killed at the limit."""
        implementation = channel.hooks[hook]
        if channel.entry is not None and (in_child or not channel.own):
            given = tuple(arguments[name] for name in implementation.arguments)
            [result] = await run_in_child(
                channel.entry, hook, [given], timeout_seconds=timeout_seconds, limiter=self._children
            )
            if isinstance(result, ChaskiqError):
                raise result
            return result
        try:
            return implementation(**arguments)
        except (UnreadableError, PluginError):
            raise
        except Exception as error:
            raise PluginError(f"plugin {channel.name}: {hook} raised {reason_of(error)}") from error

    async def _guarded(
        self, channel: Channel, hook: str, timeout_seconds: float, integration: Integrated, **given: object
    ) -> object:
        """A network hook; what is the plugin's fault is counted."""
        with self._counted(channel.name, hook):
            started = time.monotonic()
            try:
                return await self._network.call(channel, hook, timeout_seconds, integration, **given)
            except ReauthError as refused:
                if self._renewal is None or not self._renewal.is_offered(channel):
                    raise
                renewed = await self._renewal.renewed(channel, integration, refused)
            left = timeout_seconds - (time.monotonic() - started)
            if hook in FROM_THE_START or left <= 0:
                raise RetryLaterError("the credentials are renewed; it is tried again with them", retry_after_seconds=0)
            return await self._network.call(channel, hook, left, renewed, **given)

    def _rubbish(self, plugin: str, hook: str, what: str) -> PluginError:
        """The error of a hook that returned what it may not."""
        self._telemetry.count(PLUGIN_FAILURES, plugin, hook)
        return PluginError(f"plugin {plugin}: {hook} returned {what}")

    @contextmanager
    def _counted(self, plugin: str, hook: str) -> Iterator[None]:
        """Within, whatever is the plugin's fault is counted."""
        try:
            yield
        except PluginError:
            self._telemetry.count(PLUGIN_FAILURES, plugin, hook)
            raise


def _verdict(channel: Channel, answer: object) -> Verdict:
    if not isinstance(answer, VERDICTS):
        raise PluginError(f"plugin {channel.name}: verify returned a {type(answer).__name__}, not a verdict")
    return answer


def _items(channel: Channel, items: object) -> tuple[WebhookItem, ...]:
    if not isinstance(items, Sequence):
        raise PluginError(f"plugin {channel.name}: route returned something else than WebhookItems")
    for item in items:
        if not isinstance(item, WebhookItem):
            raise PluginError(f"plugin {channel.name}: route returned something else than WebhookItems")
        if not item.dedupe_key:
            raise PluginError(f"plugin {channel.name}: route gave an element an empty dedupe key")
    return tuple(items)
