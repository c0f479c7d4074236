"""Telling people by e-mail of what they have not read: one mail of all that waited, and an answer to it comes back."""

import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chaskiq_core.content import (
    Block,
    DividerBlock,
    Document,
    Mark,
    MarkKind,
    Paragraph,
    Text,
    document_from_text,
    link_media,
    read_document,
    text_of,
)
from chaskiq_core.conversations.media import attachments_of
from chaskiq_core.conversations.notices import UNWANTED
from chaskiq_core.conversations.queries import find_conversation
from chaskiq_core.conversations.threads import earlier_ids
from chaskiq_core.deliveries.queries import load_deliveries
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job, retry_job
from chaskiq_core.errors import (
    NotFoundError,
    PluginError,
    RetryLaterError,
    SendError,
    SettingsError,
    UnknownOutcomeError,
)
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Channel, Registry
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.media.links import SHARED_FOR
from chaskiq_core.model import (
    Agent,
    AppUser,
    Conversation,
    ConversationChannel,
    ConversationPart,
    Integration,
    IntegrationState,
    Job,
    JsonObject,
    PartKind,
    ThreadAlias,
)
from chaskiq_core.model.ids import AgentId, AppId, ConversationId, IntegrationId
from chaskiq_core.plugin.manifest import ChannelSettings
from chaskiq_core.plugin.outbound import Piece, Receipt, Thread
from chaskiq_core.staff.agents import load_agents
from chaskiq_core.staff.apps import find_app
from chaskiq_core.store.call import new_call_id
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

MAX_PARTS = 20
"""What one mail holds; what is over waits for the next."""
MAX_ATTEMPTS = 6
FIRST_WAIT_SECONDS = 30.0
WAIT_FACTOR = 4
MAX_PER_HOUR = 10
"""Mails to one reader of one conversation: more would be a loop."""
NO_INTEGRATION = IntegrationId(0)
log = logging.getLogger("chaskiq.notices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a reader is told."""

    address: str
    content: Document
    thread: Thread
    last_seq: int
    integration_id: IntegrationId | None
    """By whose mailbox; None: by the house's own server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnServer:
    """The house's own mail server, lent to a channel as an integration."""

    settings: ChannelSettings
    app_id: AppId
    id: IntegrationId = NO_INTEGRATION
    hook_token: str = ""


class TellByMail:
    """The errand of notices."""

    def __init__(
        self,
        registry: Registry,
        integrations: IntegrationCache,
        host: Host,
        *,
        public_url: str,
        own: tuple[Channel, ChannelSettings] | None,
    ) -> None:
        """`own` is a channel that mails, with the settings of the house's own server."""
        self._mailers = tuple(sorted(name for name, one in registry.channels.items() if one.manifest.mails))
        self._pages = frozenset(name for name, one in registry.channels.items() if not one.manifest.reaches)
        self._integrations = integrations
        self._host = host
        self._public_url = public_url
        self._own = own

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        try:
            notice = await acting.read(
                read_notice, job.id, mailers=self._mailers, pages=self._pages, public_url=self._public_url
            )
        except NotFoundError as error:
            await acting.write(fail_job, lane, job.id, str(error))
            return
        if notice is None:
            await acting.write(finish_job, lane, job.id)
            return
        if notice.integration_id is None and self._own is None:
            log.info("%s would be told of a conversation, and nothing can send mails", notice.address)
            await acting.write(finish_notice, lane, job.id, notice, None)
            return
        try:
            receipt = await self._send(acting, job, notice)
        except (SendError, PluginError, SettingsError, NotFoundError) as error:
            await self._failed(acting, lane, job, error)
            return
        await acting.write(finish_notice, lane, job.id, notice, receipt)

    async def _send(self, acting: Acting, job: DueJob, notice: Notice) -> Receipt:
        name = hashlib.sha256(f"{job.key}/{notice.last_seq}".encode()).hexdigest()[:24]
        piece = Piece(
            channel_id=notice.address,
            thread_id="",
            text=text_of(notice.content),
            content=notice.content,
            attempt_id=new_call_id(),
            # the same on each attempt, so that a mail that may have left is known when it comes again
            key=f"notice-{name}",
            thread=notice.thread,
        )
        by = time.monotonic() + self._host.limits.send_seconds
        if notice.integration_id is not None:
            channel, integration = await self._integrations.by_id(acting.app_id, notice.integration_id)
            return await self._host.send(channel, piece, integration, by=by)
        assert self._own is not None
        channel, settings = self._own
        return await self._host.send(channel, piece, OwnServer(settings=settings, app_id=acting.app_id), by=by)

    async def _failed(self, acting: Acting, lane: ClaimedLane, job: DueJob, error: Exception) -> None:
        log.warning("job %s, attempt %d: %s", job.key, job.attempts + 1, error)
        may_work = isinstance(error, RetryLaterError | UnknownOutcomeError | PluginError)
        if may_work and job.attempts + 1 < MAX_ATTEMPTS:
            wait = timedelta(seconds=FIRST_WAIT_SECONDS * WAIT_FACTOR**job.attempts)
            await acting.write(retry_job, lane, job.id, str(error), wait=wait)
        else:
            await acting.write(fail_job, lane, job.id, str(error))


def read_notice(
    unit: Unit, job_id: int, *, mailers: tuple[str, ...], pages: frozenset[str], public_url: str
) -> Notice | None:
    """What the reader has not seen; None: nothing, or nobody is to be told."""
    [job] = unit.all(unit.select(Job).where(Job.id == job_id))
    payload = job.payload
    conversation = find_conversation(unit, str(payload["conversation"]))
    [person] = unit.all(unit.select(AppUser).where(AppUser.id == conversation.main_participant_id))
    reader, after = str(payload["reader"]), _number(payload.get("after"))
    if len(_sent_lately(unit, payload)) >= MAX_PER_HOUR:
        return None
    recent = unit.all(
        unit.select(ConversationPart)
        .where(ConversationPart.conversation_id == conversation.id, ConversationPart.seq > after)
        .order_by(ConversationPart.seq)
        .limit(5 * MAX_PARTS)
    )
    agents = load_agents(unit, {part.agent_id for part in recent if part.agent_id is not None})
    agent: Agent | None = None
    if reader == "contact":
        if not person.email or person.subscription_state in UNWANTED:
            return None
        unread = _unread_by_contact(unit, recent, agents, pages)
    else:
        agent = load_agents(unit, [AgentId(int(reader))]).get(AgentId(int(reader)))
        if agent is None or agent.bot or agent.disabled_at is not None or conversation.assignee_id != agent.id:
            return None
        unread = _unread_by_agent(recent, person, agent)
    if not unread:
        return None
    integration = _mailing_integration(unit, mailers)
    names = {person.id: person.name}
    app = find_app(unit)
    address = agent.email if agent is not None else str(person.email)
    if integration is not None and address.lower() == integration.account.lower():
        return None  # it would be told to itself
    author = agents.get(unread[-1].agent_id) if unread[-1].agent_id is not None else None
    earlier = (
        earlier_ids(unit, conversation, integration_id=integration.id, before_seq=unread[0].seq) if integration else ()
    )
    about = conversation.subject or f"New message from {person.name if agent else app.name}"
    return Notice(
        address=address,
        content=_digest(unit, conversation, unread, agents, names, link=public_url if agent is not None else None),
        thread=Thread(
            conversation=conversation.key,
            subject=about,
            references=(*earlier, *_texts(payload.get("ids"))),
            author=f"{author.name if author else person.name} ({app.name})",
            by_bot=True,
            offers_unsubscribe=agent is None,
            to_agent=agent.email if agent is not None else None,
        ),
        last_seq=unread[-1].seq,
        integration_id=IntegrationId(integration.id) if integration is not None else None,
    )


def finish_notice(unit: Unit, lane: ClaimedLane, job_id: int, notice: Notice, receipt: Receipt | None) -> None:
    """The reader was told up to that part; an answer that names the mail finds the conversation."""
    [job] = unit.all(unit.select(Job).where(Job.id == job_id))
    ids = receipt.external_ids if receipt is not None else ()
    payload: JsonObject = {
        **job.payload,
        "after": notice.last_seq,
        "ids": [*_texts(job.payload.get("ids")), *ids][-5:],
        "sent": [*_sent_lately(unit, job.payload), unit.now.isoformat()],
    }
    unit.change(unit.update(Job).where(Job.id == job_id).values(payload=payload))
    if receipt is not None and notice.integration_id is not None:
        [integration] = unit.all(unit.select(Integration).where(Integration.id == notice.integration_id))
        conversation = find_conversation(unit, notice.thread.conversation)
        rows = [
            ThreadAlias(
                app_id=unit.app_id,
                account=integration.account,
                alias=key,
                conversation_id=ConversationId(conversation.id),
                part_id=None,
            )
            for key in receipt.message_keys
        ]
        unit.claim_all(rows, on=("app_id", "account", "alias"))
    finish_job(unit, lane, job_id)


def _unread_by_contact(
    unit: Unit, parts: Sequence[ConversationPart], agents: dict[AgentId, Agent], pages: frozenset[str]
) -> list[ConversationPart]:
    """Agents' words that the contact has not read and that went to no channel that reaches them."""
    deliveries = load_deliveries(unit, [part.id for part in parts])
    channel_ids = {delivery.channel_id for several in deliveries.values() for delivery in several}
    channels = unit.all(unit.select(ConversationChannel).where(ConversationChannel.id.in_(sorted(channel_ids))))
    # A mirror is read by agents, a page only while somebody looks at it.
    unheard = {channel.id for channel in channels if channel.mirror or channel.provider in pages}
    return [
        part
        for part in parts
        if part.agent_id is not None
        and part.agent_id in agents
        and not agents[part.agent_id].bot
        and _is_told_of(part)
        and part.read_at is None
        and all(delivery.channel_id in unheard for delivery in deliveries.get(part.id, ()))
    ][:MAX_PARTS]


def _unread_by_agent(parts: Sequence[ConversationPart], person: AppUser, agent: Agent) -> list[ConversationPart]:
    """The contact's words since the agent last did anything in the conversation."""
    since = max((part.seq for part in parts if part.agent_id == agent.id), default=0)
    return [part for part in parts if part.app_user_id == person.id and part.seq > since and _is_told_of(part)][
        :MAX_PARTS
    ]


def _is_told_of(part: ConversationPart) -> bool:
    return part.kind is PartKind.CONTENT and not part.private_note and part.deleted_at is None


def _mailing_integration(unit: Unit, mailers: tuple[str, ...]) -> Integration | None:
    """The App's oldest mailbox that works."""
    if not mailers:
        return None
    return unit.first(
        unit.select(Integration)
        .where(Integration.provider.in_(mailers), Integration.state == IntegrationState.ACTIVE)
        .order_by(Integration.id)
    )


def _digest(
    unit: Unit,
    conversation: Conversation,
    parts: Sequence[ConversationPart],
    agents: dict[AgentId, Agent],
    names: dict[int, str],
    *,
    link: str | None,
) -> Document:
    """The parts under each other, each with who wrote it if there are several."""
    blocks: list[Block] = []
    for n, part in enumerate(parts):
        if n:
            blocks.append(DividerBlock())
        if len(parts) > 1:
            author = agents[part.agent_id].name if part.agent_id in agents else names.get(part.app_user_id or 0, "")
            blocks.append(_bold(author))
        blocks += _said(unit, part)
    if link is not None:
        address = f"{link}/#/conversations/{conversation.key}"
        blocks += [DividerBlock(), _linked("Open the conversation", address)]
    return Document(blocks=tuple(blocks))


def _said(unit: Unit, part: ConversationPart) -> tuple[Block, ...]:
    content = read_document(part.content) if part.content else document_from_text(part.text)
    linked = link_media(content, lambda key: unit.media_url(key, valid_for=SHARED_FOR))
    files: list[Block] = []
    for one in attachments_of(part):
        name = str(one.get("filename") or one.get("type") or "file")
        url = unit.media_url(str(one["media"]), valid_for=SHARED_FOR) if one.get("media") else None
        files.append(_linked(name, url) if url else Paragraph(inlines=(Text(text=name),)))
    return (*linked.blocks, *files)


def _bold(text: str) -> Paragraph:
    return Paragraph(inlines=(Text(text=text, marks=frozenset({Mark(kind=MarkKind.BOLD)})),))


def _linked(text: str, address: str) -> Paragraph:
    return Paragraph(inlines=(Text(text=text, marks=frozenset({Mark(kind=MarkKind.LINK, value=address)})),))


def _sent_lately(unit: Unit, payload: JsonObject) -> list[str]:
    """When mails of this notice were sent within the last hour."""
    return [at for at in _texts(payload.get("sent")) if datetime.fromisoformat(at) > unit.now - timedelta(hours=1)]


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
