"""Conversations: seen, started, assigned, closed."""

from datetime import datetime, timedelta

from sqlalchemy import text

from chaskiq_core.content import Document, document_from_text
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import Dialogue, lock_dialogue
from chaskiq_core.conversations.queries import find_conversation, page_conversations, page_parts
from chaskiq_core.conversations.show import show_conversations, show_parts, show_with_last_parts
from chaskiq_core.conversations.start import ChannelName, start_conversation
from chaskiq_core.desk.authors import acting_author
from chaskiq_core.desk.pages import DEFAULT_LIMIT, Page, bounded, moment, read_cursor, write_cursor
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.desk.writing import check_windows, details_of
from chaskiq_core.effects import AddPart, Assign, Close, Effect, Reopen, Snooze
from chaskiq_core.errors import ConflictError, InvalidError, NotFoundError
from chaskiq_core.integrations.find import find_by_key
from chaskiq_core.model import AppUser, ConversationChannel, ConversationState
from chaskiq_core.model.conversations import IS_CURRENT
from chaskiq_core.model.ids import AgentId, IntegrationId
from chaskiq_core.model.table import to_micros
from chaskiq_core.people.queries import find_person, load_profiles
from chaskiq_core.plugin.templates import FilledTemplate
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_core.staff.agents import find_role, is_row_id
from chaskiq_core.store.unit import Unit

LONGEST_SNOOZE = timedelta(days=366)


@act(needs=Permission.VIEW)
def inbox(
    unit: Unit,
    *,
    state: str = "",
    assignee_id: str | None = None,
    q: str = "",
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ConversationView]:
    """Conversations newest first; `assignee_id` is an agent's id, or `none` for those of nobody."""
    size = bounded(limit)
    place = read_cursor(after, 2)
    found = page_conversations(
        unit,
        state=_state(state),
        assignee_id=_agent_id(unit, assignee_id) if assignee_id and assignee_id != "none" else None,
        unassigned=assignee_id == "none",
        q=q.strip()[:200],
        after=(moment(place[0]), place[1]) if place else None,
        limit=size + 1,
    )
    page = found[:size]
    more = len(found) > size
    return Page(
        items=show_with_last_parts(unit, page),
        next=write_cursor(to_micros(page[-1].updated_at), page[-1].id) if more else None,
    )


@act(needs=Permission.VIEW)
def show(unit: Unit, key: str) -> ConversationView:
    """One conversation."""
    return show_with_last_parts(unit, [find_conversation(unit, key)])[0]


@act(needs=Permission.VIEW)
def parts(unit: Unit, key: str, *, after: str | None = None, limit: int = DEFAULT_LIMIT) -> Page[PartView]:
    """A conversation's parts, oldest first."""
    size = bounded(limit)
    place = read_cursor(after, 1)
    found = page_parts(unit, find_conversation(unit, key), after_seq=place[0] if place else 0, limit=size + 1)
    page = found[:size]
    return Page(items=show_parts(unit, page), next=write_cursor(page[-1].seq) if len(found) > size else None)


@act(needs=Permission.REPLY, audits=True)
def start(
    unit: Unit,
    app_user_id: str,
    *,
    integration_id: str | None = None,
    content: Document | None = None,
    template: FilledTemplate | None = None,
    attachments: tuple[str, ...] = (),
    subject: str | None = None,
    assignee_id: str | None = None,
) -> ConversationView:
    """A conversation started by an agent, who is its assignee unless another is named.

    It begins with a text, or with a `template`, whose one attachment is the file above it.
    """
    person = find_person(unit, app_user_id, lock=True)
    channel, last_inbound_at = _channel_to(unit, person, integration_id) if integration_id else (None, None)
    author = acting_author(unit)
    named = _agent_id(unit, assignee_id) if assignee_id else None
    dialogue = start_conversation(
        unit,
        person,
        channel=channel,
        assignee_id=named or (author.agent_id if author else None),
        subject=subject.strip()[:200] if subject else None,
        last_inbound_at=last_inbound_at,
    )
    if template is not None:
        content = document_from_text(template.text)
    elif content is not None:
        check_windows(unit, dialogue.channels)
    if content is not None:
        details = details_of(unit, attachments, template) or None
        perform(unit, dialogue, [AddPart(content=content, author=author, details=details)])
    unit.flush()
    return show_conversations(unit, [dialogue.conversation])[0]


@act(needs=Permission.REPLY, audits=True)
def assign(
    unit: Unit, key: str, *, agent_id: str | None, expected_assignee_id: str | None = None, expects: bool = False
) -> ConversationView:
    """Another assignee, or none. With `expects` it is a compare-and-set: ConflictError if another was faster."""
    dialogue = lock_dialogue(unit, key)
    current = dialogue.conversation.assignee_id
    if expects and (str(current) if current is not None else None) != expected_assignee_id:
        raise ConflictError(f"the conversation is assigned to {current or 'nobody'} now")
    wanted = _agent_id(unit, agent_id) if agent_id is not None else None
    return _perform(unit, dialogue, Assign(agent_id=wanted))


@act(needs=Permission.REPLY, audits=True)
def close(unit: Unit, key: str) -> ConversationView:
    """Closed from now on; a closed one stays as it is."""
    return _perform(unit, lock_dialogue(unit, key), Close())


@act(needs=Permission.REPLY, audits=True)
def snooze(unit: Unit, key: str, *, until: datetime) -> ConversationView:
    """Put aside until a time, at most a year ahead; it opens by itself then, or when the contact writes."""
    if until.tzinfo is None:
        raise InvalidError("until: must say its time zone, as 2026-01-31T09:30:00Z does")
    if not unit.now < until <= unit.now + LONGEST_SNOOZE:
        raise InvalidError("until: must be in the future, at most a year ahead")
    return _perform(unit, lock_dialogue(unit, key), Snooze(until=until))


@act(needs=Permission.REPLY, audits=True)
def reopen(unit: Unit, key: str) -> ConversationView:
    """Open again; an open one stays as it is."""
    return _perform(unit, lock_dialogue(unit, key), Reopen())


def _perform(unit: Unit, dialogue: Dialogue, effect: Effect) -> ConversationView:
    perform(unit, dialogue, [effect])
    unit.flush()
    return show_conversations(unit, [dialogue.conversation])[0]


def _state(name: str) -> ConversationState | None:
    if not name:
        return None
    try:
        return ConversationState(name)
    except ValueError:
        raise InvalidError(f"state: must be one of {', '.join(ConversationState)}") from None


def _agent_id(unit: Unit, name: str) -> AgentId:
    if not is_row_id(name):
        raise NotFoundError(f"no agent {name[:80]!r} in this App")
    role, _ = find_role(unit, name)
    return role.agent_id


def _channel_to(unit: Unit, person: AppUser, integration_key: str) -> tuple[ChannelName, datetime | None]:
    """The contact's own chat on an integration, free for a new conversation; and when they last wrote there."""
    integration = find_by_key(unit, integration_key)
    profiles = [
        profile for profile in load_profiles(unit, [person])[person.id] if profile.provider == integration.provider
    ]
    if not profiles:
        raise InvalidError(f"integration_id: the contact has never written on {integration.provider}")
    name = ChannelName(
        integration_id=IntegrationId(integration.id),
        provider=integration.provider,
        channel_id=str(profiles[0].data["external_id"]),
        thread_id="",
    )
    last: datetime | None = None
    for channel in unit.lock(
        unit.select(ConversationChannel)
        .where(
            ConversationChannel.integration_id == name.integration_id,
            ConversationChannel.channel_id == name.channel_id,
            ConversationChannel.thread_id == name.thread_id,
            text(IS_CURRENT),
        )
        .order_by(ConversationChannel.id)
    ):
        channel.current = False
        last = channel.last_inbound_at
    unit.flush()
    return name, last
