"""Every hook that a plugin can implement. The hook pages in `docs/reference/hooks.md` are made from this file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from logging import Logger

import pluggy

from chaskiq_core.effects import Effect
from chaskiq_core.plugin.events import Attachment, InboundEvent, Sender
from chaskiq_core.plugin.manifest import ChannelSettings
from chaskiq_core.plugin.outbound import (
    ChannelContext,
    HealthCheck,
    Installed,
    MediaSink,
    Piece,
    Polled,
    Receipt,
    SentMessage,
)
from chaskiq_core.plugin.templates import Template
from chaskiq_core.plugin.views import AppUserView, ConversationView, MirrorView, PartView
from chaskiq_core.plugin.webhook import Verdict, WebhookItem, WebhookRequest

PROJECT = "chaskiq"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's function as the hook of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverContext:
    """What an observer may use: it is scoped to one App and sees no row."""

    app_key: str
    plugin: str
    log: Logger


class ChannelHooks:
    """Called on the one plugin that owns the integration's provider.

    Beside its `manifest` attribute a channel must implement `verify`, `route`, `parse` and `send`; every other hook
    is optional and is named in `manifest.offers`.
    """

    @hookspec
    def verify(self, request: WebhookRequest, settings: ChannelSettings) -> Verdict:
        """Say whether a webhook is authentic.

        Called: for each request to the integration's hook URL, before anything is stored. Required.
        Given: the raw request, the integration's settings.
        Returns: `Accepted()`; `Answer(body=…)` for a handshake, which is answered and not stored; `Refused(status=401)`
        without a proof, `Refused(status=403)` with a wrong one. Compare secrets on bytes, in constant time.
        Raises: nothing.
        Limit: 50 µs is expected; no network, no clock but for a signature's age.
        Twice: yes, a provider repeats its requests.
        """
        raise NotImplementedError

    @hookspec
    def route(self, request: WebhookRequest, settings: ChannelSettings) -> Sequence[WebhookItem]:
        """Name each element of the body: its dedupe key, its chat, where it stands.

        Called: after `verify` accepted, before the answer. Required.
        Given: the raw request, the integration's settings.
        Returns: one `WebhookItem` per element; what belongs to no chat has lane ''. An element without an id of its own
        gets the sha256 of its bytes. An empty list stores the request and does nothing with it.
        Raises: UnreadableError if the body is not what the provider speaks: answered 400.
        Limit: 50 µs for one message is expected; pure.
        Twice: yes; the same request must give the same items.
        """
        raise NotImplementedError

    @hookspec
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: ChannelSettings) -> Sequence[InboundEvent]:
        """Turn one element into events.

        Called: by a worker, lane by lane in order, after the webhook was answered. Required.
        Given: the stored request, the element as `route` named it, the integration's settings.
        Returns: events in the order in which they happened. What a person wrote in an unknown kind is a message with
        `unsupported=True` and a visible placeholder; any other unknown kind is `Ignored(reason=…)`.
        Raises: UnreadableError if the element can't be understood: it is parked as failed, its lane goes on.
        Limit: 5 s, then the process that runs it is killed; pure: no network, no clock, no state.
        Twice: yes, for a retry or a replay years later.
        """
        raise NotImplementedError

    @hookspec
    def accounts_of(self, request: WebhookRequest) -> Sequence[str]:
        """Name the accounts that a webhook may belong to, for a provider with one URL for all accounts of an app.

        Called: for each request to `/api/v1/hooks/global/{provider}`, before anything else: nothing is verified yet.
        Given: the raw request.
        Returns: accounts as `Installed.account` tells them, in any order; each integration that has one of them
        verifies the request with its own settings, and those that accept it take it. None for a handshake, which names
        no account: the first integration of the provider that answers it does.
        Raises: UnreadableError if the body is not what the provider speaks: answered 400.
        Limit: 50 µs is expected; pure.
        Twice: yes, a provider repeats its requests.
        """
        raise NotImplementedError

    @hookspec
    async def send(self, piece: Piece, context: ChannelContext[ChannelSettings]) -> Receipt:
        """Send one piece.

        Called: by a worker, in the order of the chat, after `sending` was committed. Required.
        Given: a piece within the manifest's limits; the context with settings, an HTTP client, the time that is left.
        Returns: `Receipt` with the provider's ids: bare ones, and those by which `parse` will name the message.
        Raises: a `SendError`, by its consequence: RetryLaterError if surely nothing was taken, RecipientError,
        ContentError, WindowError, ReauthError, AccountError, MovedError(channel_id=…), and UnknownOutcomeError when the
        request was written and no answer can be trusted. Any other exception counts as UnknownOutcomeError.
        Limit: `context.timeout_seconds` (30 s unless set otherwise); what hangs longer ends as unknown.
        Twice: never after a receipt; after RetryLaterError again with the same piece and key and a new attempt id, and
        after an unknown outcome where the manifest's idempotency or the integration allows it.
        """
        raise NotImplementedError

    @hookspec
    async def look_up(self, piece: Piece, since: datetime, context: ChannelContext[ChannelSettings]) -> Receipt | None:
        """Say whether a piece that may have been sent is there.

        Called: a few seconds after a send whose outcome is unknown, where the manifest's idempotency is `lookup`.
        Given: the piece as it was sent, with its `key`; a time a little before it was sent.
        Returns: its `Receipt` if the provider has it; None if it surely has not: it is sent again then.
        Raises: a `SendError`: asked again for two minutes, then the integration's `on_unknown` decides.
        Limit: 10 s.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def edit(self, piece: Piece, sent: SentMessage, context: ChannelContext[ChannelSettings]) -> None:
        """Bring a message that was sent to what the piece says now: another text, or another caption.

        Called: by a worker, in the order of the chat, after an agent edited a part.
        Given: the piece as it is now, its files unchanged; the message as the receipt named it.
        Returns: nothing. A message that says so already is a success.
        Raises: a `SendError`: RetryLaterError and UnknownOutcomeError are tried again, any other is shown to agents.
        Limit: `context.timeout_seconds`, as for `send`.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def delete(self, sent: SentMessage, context: ChannelContext[ChannelSettings]) -> None:
        """Take a message back.

        Called: by a worker, in the order of the chat, after an agent deleted a part.
        Given: the message as the receipt named it.
        Returns: nothing. A message that is gone already is a success.
        Raises: a `SendError`, as `edit`.
        Limit: `context.timeout_seconds`, as for `send`.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def typing(
        self, channel_id: str, thread_id: str, message_id: str, context: ChannelContext[ChannelSettings]
    ) -> None:
        """Show that somebody writes.

        Called: when an agent writes, at most every four seconds for a conversation.
        Given: the chat and its thread; the provider's id of the contact's last message there, '' if we know of none.
        Returns: nothing.
        Raises: a `SendError`: it is logged, and that is all.
        Limit: 5 s.
        Twice: no.
        """
        raise NotImplementedError

    @hookspec
    async def mark_read(
        self, channel_id: str, thread_id: str, message_id: str, context: ChannelContext[ChannelSettings]
    ) -> None:
        """Show the contact that their messages were read.

        Called: after an agent answered.
        Given: the chat and its thread; the provider's id of the contact's last message there, never ''.
        Returns: nothing. One that is marked already is a success.
        Raises: a `SendError`: it is logged, and that is all.
        Limit: 5 s.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def acknowledge(self, callback_id: str, context: ChannelContext[ChannelSettings]) -> None:
        """Tell the provider that a pressed button was heard.

        Called: after the press was stored, at once.
        Given: `ButtonPressed.callback_id`.
        Returns: nothing. One that nobody waits for any more is a success.
        Raises: a `SendError`: RetryLaterError is tried again for a while.
        Limit: 5 s.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def fetch_media(
        self,
        attachment: Attachment,
        target: MediaSink,
        request: WebhookRequest | None,
        context: ChannelContext[ChannelSettings],
    ) -> None:
        """Fetch the bytes of a file that came in.

        Called: by a worker, after the part with the attachment was stored and shown as pending.
        Given: the attachment as `parse` returned it; where the bytes go: `await target.write(chunk)`, never the whole;
        the webhook that it came in, for who finds the bytes in there, None if it was purged.
        Returns: nothing; a return means that the file is whole.
        Raises: RetryLaterError, UnknownOutcomeError, ReauthError or AccountError: tried again, five times in all; any
        other `SendError`: the attachment is shown as failed. What `target.write` raises must pass.
        Limit: 45 s.
        Twice: yes, each time from the start.
        """
        raise NotImplementedError

    @hookspec
    async def poll(self, cursor: str, context: ChannelContext[ChannelSettings]) -> Polled | None:
        """Fetch what has come in, for a provider that calls nobody.

        Called: again and again, `manifest.poll_seconds` apart, once the integration is active; never twice at a time.
        Given: the cursor that the last call returned; '' at first, when what is old must not be fetched.
        Returns: `Polled` with the requests in their order, as a webhook would have brought them: each goes through
        `route` and `parse`; and the cursor behind them. None if these settings ask for no polling.
        Raises: a `SendError`: tried again later, each time after a longer wait, ten minutes at most.
        Limit: 30 s.
        Twice: yes, with the same cursor, when what it returned could not be kept: `route` must give the same keys.
        """
        raise NotImplementedError

    @hookspec
    async def list_templates(self, context: ChannelContext[ChannelSettings]) -> Sequence[Template]:
        """Tell the account's templates: messages with places to fill, approved by the provider.

        Called: when an agent looks for one, or sends one that is not known; at most every five minutes otherwise.
        Given: the context.
        Returns: all of them, those that can't be sent now with their `problem`. A filled one comes to `send` as
        `Piece.template`, its text as the contact will read it beside it.
        Raises: a `SendError`: whoever asked is told its sentence.
        Limit: 10 s.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def fetch_profile(self, person_id: str, context: ChannelContext[ChannelSettings]) -> Sender:
        """Tell who somebody is: their name, and their e-mail address where the provider vouches for it.

        Called: after somebody wrote for the first time of whom `parse` knew no name but the id; and when an agent
        writes or presses in a mirror, to find them by their address.
        Given: the provider's bare id of the person.
        Returns: a `Sender` with that id; `email` is None for who may have told the provider anything.
        Raises: RetryLaterError or UnknownOutcomeError: asked again; any other `SendError`: they stay unknown.
        Limit: 10 s.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def open_mirror(
        self, mirror: MirrorView, channel_id: str, again: bool, context: ChannelContext[ChannelSettings]
    ) -> str:
        """Begin a thread in which agents follow a conversation: its head says who, where and how it stands.

        Called: after a conversation began, for a channel whose settings have a `mirror_channel`. What is said in the
        conversation is sent into the thread by `send`, notes too; what agents write and press there comes back from
        `parse` as `MessageReceived(mirrored=…)` and `ActionAsked`.
        Given: what the head shows; the `mirror_channel`; whether an earlier call may have begun the thread already.
        Returns: the thread's id, as `parse` names it in `Chat.thread_id`.
        Raises: a `SendError`: RetryLaterError and UnknownOutcomeError are tried again, any other leaves it unmirrored.
        Limit: `context.timeout_seconds`, as for `send`.
        Twice: yes, then with `again`: a thread that is there must be found.
        """
        raise NotImplementedError

    @hookspec
    async def show_mirror(
        self, mirror: MirrorView, channel_id: str, thread_id: str, context: ChannelContext[ChannelSettings]
    ) -> None:
        """Bring a mirror's head to how the conversation stands now.

        Called: after it was closed, reopened, snoozed, prioritised or assigned.
        Given: what the head shows; the mirror's channel and thread.
        Returns: nothing.
        Raises: a `SendError`: RetryLaterError and UnknownOutcomeError are tried again, any other is logged.
        Limit: `context.timeout_seconds`, as for `send`.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def install(self, hook_url: str, context: ChannelContext[ChannelSettings]) -> Installed:
        """Register our webhook with the provider.

        Called: when an integration is added, its token rotated, or its settings changed.
        Given: the public URL that the provider must call.
        Returns: `Installed` with the account's id and name.
        Raises: a `SendError` whose sentence the operator reads: the integration is not added then.
        Limit: 30 s.
        Twice: yes; registering the same URL again must do no harm.
        """
        raise NotImplementedError

    @hookspec
    async def uninstall(self, context: ChannelContext[ChannelSettings]) -> None:
        """Take our webhook away from the provider.

        Called: when an integration is removed.
        Given: the context.
        Returns: nothing.
        Raises: a `SendError`: it is logged, the integration is removed all the same.
        Limit: 30 s.
        Twice: yes.
        """
        raise NotImplementedError

    @hookspec
    async def refresh_credentials(self, context: ChannelContext[ChannelSettings]) -> Mapping[str, str]:
        """Get new credentials for those that the provider refused.

        Called: when another hook raised ReauthError, once, before anything follows from that. One call at a time for an
        integration of this process; where another process was faster, its credentials are used and this is not called.
        Given: the context with the settings that were refused.
        Returns: the settings that are new, by name: an access token, a refresh token. They are validated and stored,
        and the hook that was refused is called once more with them; fetch_media is tried again later.
        Raises: ReauthError if there is nothing to be had: the integration is broken until somebody acts. With any other
        `SendError` the call that was refused is tried again later.
        Limit: 30 s.
        Twice: yes; what it returned may have been lost in a crash.
        """
        raise NotImplementedError

    @hookspec
    async def health(self, context: ChannelContext[ChannelSettings], hook_url: str) -> Sequence[HealthCheck]:
        """Say whether the integration works, a line per question.

        Called: by `chaskiq doctor`.
        Given: the context, and the URL that the provider should have.
        Returns: `HealthCheck` lines: token valid, webhook ours, last error; `fix` says what to do.
        Raises: a `SendError`: shown as a failed line.
        Limit: 10 s.
        Twice: yes.
        """
        raise NotImplementedError


class ObserverHooks:
    """Called on every enabled plugin that implements them, after the commit, at least once.

    An observer returns effects; they are carried out as one call with a key of its own, so that a repeat adds nothing.
    What its own effects added it is not called for again. Set `observes_notes = True` on the plugin to be called for
    private notes too. Raising or hanging is logged and counted, and harms no message.
    """

    @hookspec
    async def part_added(
        self, part: PartView, conversation: ConversationView, context: ObserverContext
    ) -> Sequence[Effect]:
        """React to a new content or block part of anyone.

        Called: once per part, in the order of the conversation. Not for event parts.
        Given: the part as agents see it, its conversation as it stands now.
        Returns: effects on the conversation, e.g. `[AddPart(content=…)]`; an AddPart without author is the App's bot.
        Raises: anything: logged, called three times in all, then skipped.
        Limit: 10 s.
        Twice: yes, after a crash.
        """
        raise NotImplementedError

    @hookspec
    async def conversation_assigned(self, conversation: ConversationView, context: ObserverContext) -> Sequence[Effect]:
        """React to a new assignee, or to none.

        Called: once per change of the assignee.
        Given: the conversation as it stands now; its `assignee` may be newer than the change.
        Returns: effects on the conversation.
        Raises: anything: logged, called three times in all, then skipped.
        Limit: 10 s.
        Twice: yes, after a crash.
        """
        raise NotImplementedError

    @hookspec
    async def conversation_state_changed(
        self, conversation: ConversationView, context: ObserverContext
    ) -> Sequence[Effect]:
        """React to a closed or reopened conversation.

        Called: once per change of the state.
        Given: the conversation as it stands now.
        Returns: effects on the conversation.
        Raises: anything: logged, called three times in all, then skipped.
        Limit: 10 s.
        Twice: yes, after a crash.
        """
        raise NotImplementedError

    @hookspec
    async def contact_created(
        self, person: AppUserView, conversation: ConversationView, context: ObserverContext
    ) -> Sequence[Effect]:
        """React to a contact who wrote for the first time.

        Called: once per new contact, with their first conversation.
        Given: the contact and the conversation.
        Returns: `SetField` effects only.
        Raises: anything: logged, called three times in all, then skipped.
        Limit: 10 s.
        Twice: yes, after a crash.
        """
        raise NotImplementedError
