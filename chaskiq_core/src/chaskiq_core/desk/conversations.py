"""Conversations: seen, answered, assigned, closed."""

from dataclasses import dataclass
from datetime import timedelta

from chaskiq_core.content import Document, media_ids, text_of, write_document
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import Dialogue, find_part, lock_dialogue
from chaskiq_core.conversations.edit import delete_part, edit_part
from chaskiq_core.conversations.media import attachments_of, check_media, uploaded
from chaskiq_core.conversations.queries import find_conversation, page_conversations, page_parts
from chaskiq_core.conversations.show import show_conversations, show_parts, show_with_last_parts
from chaskiq_core.conversations.start import ChannelName, start_conversation
from chaskiq_core.desk.pages import DEFAULT_LIMIT, Page, bounded, moment, read_cursor, write_cursor
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.effects import AddPart, Assign, Author, Close, Effect, Reopen
from chaskiq_core.errands.jobs import enqueue_again
from chaskiq_core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chaskiq_core.integrations.find import find_by_key
from chaskiq_core.model import AppUser, ConversationChannel, ConversationPart, ConversationState, JsonObject, PartKind
from chaskiq_core.model.ids import AgentId, AppUserId, IntegrationId
from chaskiq_core.model.table import to_micros
from chaskiq_core.people.queries import find_person, load_profiles
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.presenters.people import author_of
from chaskiq_core.realtime.streams import AGENTS, EVENTS_STREAM
from chaskiq_core.staff.agents import find_role, is_row_id
from chaskiq_core.store.unit import Unit

MAX_CLIENT_ID = 100
TYPING_JOB = "typing"
TYPING_EVERY = timedelta(seconds=4)
"""How long a sign of typing lasts; more within that time are one."""
NOTHING = Document()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """What a reply came to."""

    part: PartView
    is_new: bool
    """False: the same client_id was here before, and this is the part that it made."""


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


@act(needs=Permission.REPLY)
def reply(
    unit: Unit,
    key: str,
    *,
    content: Document = NOTHING,
    attachments: tuple[str, ...] = (),
    private_note: bool = False,
    reply_to: str | None = None,
    client_id: str | None = None,
) -> Replied:
    """An agent's part: a reply that goes out on the conversation's channels, or a note that stays.

    `attachments` are ids of uploaded files. The same `client_id` again is the same part; ConflictError if it came with
    another content.
    """
    if not text_of(content).strip() and not media_ids(content) and not attachments:
        raise InvalidError("the part is blank: write something, or attach a file")
    dialogue = lock_dialogue(unit, key)
    author = _author(unit, dialogue)
    own_id = _own_client_id(author, client_id)
    if own_id is not None and (known := _find_by_client_id(unit, dialogue, own_id)) is not None:
        said_before = (known.content, known.private_note, tuple(one.get("media") for one in attachments_of(known)))
        if said_before != (write_document(content), private_note, attachments):
            raise ConflictError("client_id: it came with another content before")
        return Replied(part=show_parts(unit, [known])[0], is_new=False)
    if reply_to is not None:
        target = find_part(unit, dialogue.conversation, reply_to)
        if target is None:
            raise InvalidError("reply_to: no such part in this conversation")
        if target.private_note and not private_note:
            raise InvalidError("reply_to: a private note can't be answered where the contact sees it")
    check_media(unit, content)
    new = AddPart(
        content=content,
        author=author,
        private_note=private_note,
        reply_to=reply_to,
        client_id=own_id,
        details={"attachments": uploaded(unit, attachments)} if attachments else None,
    )
    [part] = perform(unit, dialogue, [new])
    unit.flush()
    return Replied(part=show_parts(unit, [part])[0], is_new=True)


@act(needs=Permission.REPLY)
def edit(unit: Unit, key: str, part_key: str, *, content: Document) -> PartView:
    """Another text for a part of one's own; what has left already is changed where its channel can do that."""
    dialogue, part = _own_part(unit, key, part_key)
    if part.kind is not PartKind.CONTENT or part.deleted_at is not None:
        raise InvalidError("only a text that was not deleted can be edited")
    if not text_of(content).strip() and not media_ids(content) and not attachments_of(part):
        raise InvalidError("the part would be blank: delete it instead")
    check_media(unit, content)
    edit_part(unit, dialogue, part, content)
    unit.flush()
    return show_parts(unit, [part])[0]


@act(needs=Permission.REPLY, audits=True)
def delete(unit: Unit, key: str, part_key: str) -> PartView:
    """A part of one's own is empty from now on; what has left already is taken back where its channel can do that."""
    dialogue, part = _own_part(unit, key, part_key)
    if part.kind is PartKind.EVENT:
        raise InvalidError("an event is what happened; it can't be deleted")
    delete_part(unit, dialogue, part)
    unit.flush()
    return show_parts(unit, [part])[0]


@act(needs=Permission.REPLY)
def typing(unit: Unit, key: str) -> None:
    """Show the others, and the contact's chats, that the agent writes; it is over after a few seconds."""
    conversation = find_conversation(unit, key)
    _, agent = find_role(unit, unit.actor.name)
    author = as_json(author_of(agent))
    data: JsonObject = {"conversation_key": conversation.key, "author": author}
    unit.publish(EVENTS_STREAM, audience=AGENTS, payload={"type": "conversations:typing", "data": data})
    enqueue_again(
        unit, TYPING_JOB, f"typing/{conversation.key}", {"conversation": conversation.key}, every=TYPING_EVERY
    )


@act(needs=Permission.REPLY, audits=True)
def start(
    unit: Unit,
    app_user_id: str,
    *,
    integration_id: str | None = None,
    content: Document | None = None,
    subject: str | None = None,
    assignee_id: str | None = None,
) -> ConversationView:
    """A conversation started by an agent, who is its assignee unless another is named."""
    person = find_person(unit, app_user_id, lock=True)
    channel = _channel_to(unit, person, integration_id) if integration_id else None
    author = _acting_author(unit)
    named = _agent_id(unit, assignee_id) if assignee_id else None
    dialogue = start_conversation(
        unit,
        person,
        channel=channel,
        assignee_id=named or (author.agent_id if author else None),
        subject=subject.strip()[:200] if subject else None,
    )
    if content is not None:
        perform(unit, dialogue, [AddPart(content=content, author=author)])
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
def reopen(unit: Unit, key: str) -> ConversationView:
    """Open again; an open one stays as it is."""
    return _perform(unit, lock_dialogue(unit, key), Reopen())


def _own_part(unit: Unit, key: str, part_key: str) -> tuple[Dialogue, ConversationPart]:
    """A part that the actor wrote, its conversation locked; ForbiddenError for another's."""
    dialogue = lock_dialogue(unit, key)
    part = find_part(unit, dialogue.conversation, part_key)
    if part is None:
        raise NotFoundError(f"no part {part_key[:64]!r} in this conversation")
    author = _author(unit, dialogue)
    if (part.agent_id, part.app_user_id) != (author.agent_id, author.app_user_id):
        raise ForbiddenError("this part is somebody else's: only who wrote it can change it")
    return dialogue, part


def _perform(unit: Unit, dialogue: Dialogue, effect: Effect) -> ConversationView:
    perform(unit, dialogue, [effect])
    unit.flush()
    return show_conversations(unit, [dialogue.conversation])[0]


def _author(unit: Unit, dialogue: Dialogue) -> Author:
    author = _acting_author(unit)
    if author is not None:
        return author
    if unit.actor.kind == "person":
        return Author(app_user_id=AppUserId(dialogue.person.id))
    return dialogue.bot_author(unit)


def _acting_author(unit: Unit) -> Author | None:
    if unit.actor.kind != "agent":
        return None
    role, agent = find_role(unit, unit.actor.name)
    return Author(agent_id=role.agent_id, is_bot=agent.bot)


def _own_client_id(author: Author, client_id: str | None) -> str | None:
    """Unique per author and conversation: the author is a part of it."""
    if client_id is None:
        return None
    if not client_id or len(client_id) > MAX_CLIENT_ID:
        raise InvalidError(f"client_id: must have 1 to {MAX_CLIENT_ID} characters")
    return f"{'agent' if author.agent_id else 'contact'}/{author.agent_id or author.app_user_id}/{client_id}"


def _find_by_client_id(unit: Unit, dialogue: Dialogue, client_id: str) -> ConversationPart | None:
    return unit.first(
        unit.select(ConversationPart).where(
            ConversationPart.conversation_id == dialogue.conversation.id, ConversationPart.client_id == client_id
        )
    )


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


def _channel_to(unit: Unit, person: AppUser, integration_key: str) -> ChannelName:
    """The contact's own chat on an integration, free for a new conversation."""
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
    for channel in unit.lock(
        unit.select(ConversationChannel)
        .where(
            ConversationChannel.integration_id == name.integration_id,
            ConversationChannel.channel_id == name.channel_id,
            ConversationChannel.thread_id == name.thread_id,
            ConversationChannel.current,
        )
        .order_by(ConversationChannel.id)
    ):
        channel.current = False
    unit.flush()
    return name
