"""A conversation as people outside see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chaskiq_core.model import Agent, AppUser, Conversation, ConversationChannel, Integration, IntegrationState
from chaskiq_core.plugin.views import CanSend, ChannelView, ConversationView
from chaskiq_core.plugin.windows import Window
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.presenters.people import present_agent, present_contact
from chaskiq_core.realtime.streams import AGENTS, CONTACT, EVENTS_STREAM, contact_stream
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRows:
    """A conversation with the rows that its view is made of."""

    conversation: Conversation
    person: AppUser
    participants: Sequence[AppUser]
    channels: Sequence[ConversationChannel]
    integrations: Mapping[int, Integration]
    assignee: Agent | None
    windows: Mapping[int, Window]
    """By channel; of those that have one."""
    now: datetime
    template_providers: frozenset[str]
    """Those that have templates."""
    changed: bool = False
    """Whether this unit changed the row: its version is one further once it is written."""


def present_conversation(rows: ConversationRows) -> ConversationView:
    """The conversation as agents see it."""
    conversation = rows.conversation
    return ConversationView(
        key=conversation.key,
        state=conversation.state.value,
        priority=conversation.priority,
        subject=conversation.subject,
        tags=tuple(conversation.tags),
        assignee=present_agent(rows.assignee) if rows.assignee else None,
        team=None,
        main_participant=present_contact(rows.person),
        participants=tuple(present_contact(person) for person in rows.participants),
        channels=tuple(_channel(channel, rows) for channel in rows.channels if not channel.mirror),
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        closed_at=conversation.closed_at,
        first_agent_reply_at=conversation.first_agent_reply_at,
        latest_user_visible_comment_at=conversation.latest_user_visible_comment_at,
        unread_count=conversation.unread_count,
        version=(conversation.version or 0) + rows.changed,
    )


def publish_state(unit: Unit, rows: ConversationRows) -> None:
    """Tell the agents how the conversation stands, and the contact what concerns them."""
    whole = as_json(present_conversation(rows))
    unit.publish(EVENTS_STREAM, audience=AGENTS, payload={"type": "conversations:update_state", "data": whole})
    seen = {name: whole[name] for name in ("key", "state", "updated_at", "version")}
    unit.publish(
        contact_stream(rows.person.session_id),
        audience=CONTACT,
        payload={"type": "conversations:update_state", "data": seen},
    )


def _channel(channel: ConversationChannel, rows: ConversationRows) -> ChannelView:
    integration, window = rows.integrations[channel.integration_id], rows.windows.get(channel.id)
    return ChannelView(
        provider=channel.provider,
        integration_id=integration.key,
        provider_channel_id=channel.channel_id,
        provider_thread_id=channel.thread_id or None,
        can_send=_can_send(integration, window, rows),
    )


def _can_send(integration: Integration, window: Window | None, rows: ConversationRows) -> CanSend:
    if integration.state not in (IntegrationState.ACTIVE, IntegrationState.INSTALLING):
        reason = integration.state_reason or f"the integration is {integration.state}"
        return CanSend(free_form=False, until=None, reason=reason, templates=False)
    templates = integration.provider in rows.template_providers
    if window is None:
        return CanSend(free_form=True, until=None, reason=None, templates=templates)
    if not window.is_open(rows.now):
        return CanSend(free_form=False, until=None, reason=window.reason, templates=templates)
    return CanSend(free_form=True, until=window.closes_at, reason=None, templates=templates)
