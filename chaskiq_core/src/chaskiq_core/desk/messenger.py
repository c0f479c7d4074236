"""What a contact may ask of the web messenger: their own conversations, and nothing that is the agents'."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from chaskiq_core.content import Document, document_from_text, is_blank, write_document
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.block import answer_block, is_answered
from chaskiq_core.conversations.dialogue import Dialogue, find_part, lock_dialogue
from chaskiq_core.conversations.media import add_media, attachments_of, uploaded
from chaskiq_core.conversations.queries import load_last_parts, page_conversations_of, page_seen
from chaskiq_core.conversations.read import mark_read
from chaskiq_core.conversations.show import show_conversations, show_parts
from chaskiq_core.conversations.start import ChannelName, add_channel, start_conversation
from chaskiq_core.deliveries.read import mark_deliveries_read
from chaskiq_core.desk.client_ids import find_by_client_id, own_client_id
from chaskiq_core.desk.media import show_medium
from chaskiq_core.desk.pages import DEFAULT_LIMIT, Page, bounded, read_cursor, write_cursor
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.desk.visitors import contact_of, may_write, own_conversation, own_dialogue
from chaskiq_core.effects import AddPart, Author, Effect
from chaskiq_core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chaskiq_core.inbound.message import takes_more
from chaskiq_core.integrations.find import find_by_key
from chaskiq_core.media.file_store import StoredFile
from chaskiq_core.model import AppUser, Conversation, ConversationPart, IntegrationState, JsonObject
from chaskiq_core.model.ids import AppUserId, ConversationKey, IntegrationId
from chaskiq_core.people.vouched import Visitor, find_visitor
from chaskiq_core.plugin.blocks import options_of
from chaskiq_core.plugin.views import MediaView, PersonView
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.presenters.parts import MAX_PREVIEW, for_contact
from chaskiq_core.presenters.people import author_of, present_contact
from chaskiq_core.realtime.streams import AGENTS, EVENTS_STREAM, contact_stream
from chaskiq_core.store.unit import Unit

SEEN = ("key", "state", "subject", "created_at", "closed_at", "unread_count")
"""What a contact sees of a conversation: nothing that a note would change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a contact's words came to."""

    part: JsonObject
    """As they see it."""
    is_new: bool
    """False: the same client_id was here before, and this is the part that it made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a contact's first words came to."""

    conversation: JsonObject
    said: Said


@act(needs=Permission.TAKE_PART)
def sign_in(unit: Unit, visitor: Visitor) -> PersonView | None:
    """Who this is. A user is a contact from now on, with all that was written before; others are once they write."""
    if visitor.is_user:
        person: AppUser | None = contact_of(unit, visitor)
        unit.flush()
    else:
        person = find_visitor(unit, visitor)
    return present_contact(person) if person is not None else None


@act(needs=Permission.TAKE_PART)
def own_conversations(
    unit: Unit, visitor: Visitor, *, after: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[JsonObject]:
    """Conversations of the contact on any channel, those that began last first, each with what was said last."""
    size = bounded(limit)
    place = read_cursor(after, 1)
    person = find_visitor(unit, visitor)
    if person is None:
        return Page(items=[], next=None)
    found = page_conversations_of(unit, person.id, below=place[0] if place else None, limit=size + 1)
    page = found[:size]
    return Page(items=_shown(unit, page), next=write_cursor(page[-1].id) if len(found) > size else None)


@act(needs=Permission.TAKE_PART)
def own_parts(
    unit: Unit, visitor: Visitor, key: str, *, after: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[JsonObject]:
    """Parts that the contact may see, oldest first, behind the part of the key `after`."""
    size = bounded(limit)
    conversation, _ = own_conversation(unit, visitor, key)
    seq = 0
    if after:
        last = find_part(unit, conversation, after)
        if last is None or last.private_note:
            raise InvalidError("after: no such part in this conversation")
        seq = last.seq
    found = page_seen(unit, conversation, after_seq=seq, limit=size + 1)
    page = found[:size]
    return Page(items=_seen(unit, page), next=page[-1].key if len(found) > size else None)


@act(needs=Permission.TAKE_PART)
def own_stream(unit: Unit, visitor: Visitor) -> str | None:
    """The stream that this contact may listen to; None: they have not written yet."""
    person = find_visitor(unit, visitor)
    return contact_stream(person.session_id) if person is not None else None


@act(needs=Permission.TAKE_PART)
def begin(
    unit: Unit,
    visitor: Visitor,
    integration_id: str,
    *,
    text: str = "",
    attachments: tuple[str, ...] = (),
    client_id: str,
) -> Begun:
    """A conversation that the contact begins; the same `client_id` again is the same conversation."""
    content = _content(text, attachments)
    integration = find_by_key(unit, integration_id)
    if integration.state is not IntegrationState.ACTIVE:
        raise ForbiddenError("the messenger is paused")
    person = may_write(contact_of(unit, visitor))
    unit.flush()
    key = _key_of_own(person, client_id)
    if unit.first(unit.select(Conversation).where(Conversation.key == key)) is not None:
        dialogue = lock_dialogue(unit, key)
    else:
        dialogue = start_conversation(unit, person)
        dialogue.conversation.key = key
        name = ChannelName(
            integration_id=IntegrationId(integration.id), provider="web", channel_id=person.key, thread_id=key
        )
        add_channel(unit, dialogue, name)
    said = _say(unit, dialogue, content, attachments, client_id, [])
    return Begun(conversation=_shown(unit, [dialogue.conversation])[0], said=said)


@act(needs=Permission.TAKE_PART)
def say(
    unit: Unit,
    visitor: Visitor,
    key: str,
    *,
    text: str = "",
    attachments: tuple[str, ...] = (),
    client_id: str | None = None,
) -> Said:
    """What the contact writes in a conversation of theirs; one that was closed a while ago takes no more."""
    content = _content(text, attachments)
    dialogue = own_dialogue(unit, visitor, key)
    effects: list[Effect] = []
    if not takes_more(unit, dialogue, effects):
        raise ConflictError("the conversation was closed a while ago: begin a new one")
    return _say(unit, dialogue, content, attachments, client_id, effects)


@act(needs=Permission.TAKE_PART)
def upload(unit: Unit, visitor: Visitor, file: StoredFile) -> MediaView:
    """A file that is in the media store already, to be attached to what its contact writes."""
    person = find_visitor(unit, visitor)
    if person is not None:
        may_write(person)
    return show_medium(unit, add_media(unit, file))


@act(needs=Permission.TAKE_PART)
def choose(unit: Unit, visitor: Visitor, key: str, part_key: str, *, option: str) -> JsonObject:
    """The contact presses a button of a block: the answer is a part of theirs. ConflictError: it was answered."""
    dialogue = own_dialogue(unit, visitor, key)
    block = find_part(unit, dialogue.conversation, part_key)
    if block is None or block.private_note or block.block is None:
        raise NotFoundError(f"no question {part_key[:64]!r} in this conversation")
    chosen = next((one for one in options_of(block.block) if one.id == option), None)
    if chosen is None:
        raise InvalidError("option: the question has no such answer")
    client_id = f"contact/{dialogue.person.id}/answer/{block.key}"
    if is_answered(block):
        known = find_by_client_id(unit, dialogue, client_id)
        if known is None or (known.details.get("callback") or {}) != _callback(chosen.id, chosen.label):
            raise ConflictError("the question was answered before")
        return _seen(unit, [known])[0]
    answer_block(unit, dialogue, block, chosen)
    effects: list[Effect] = []
    takes_more(unit, dialogue, effects)
    new = AddPart(
        content=document_from_text(chosen.label),
        author=Author(app_user_id=AppUserId(dialogue.person.id)),
        reply_to=block.key,
        client_id=client_id,
        details={"callback": _callback(chosen.id, chosen.label)},
    )
    [part] = perform(unit, dialogue, [*effects, new])
    unit.flush()
    return _seen(unit, [part])[0]


@act(needs=Permission.TAKE_PART)
def have_read(unit: Unit, visitor: Visitor, key: str, part_key: str) -> int:
    """The contact has seen all up to a part; how many parts were new to them."""
    dialogue = own_dialogue(unit, visitor, key)
    part = find_part(unit, dialogue.conversation, part_key)
    if part is None or part.private_note:
        raise NotFoundError(f"no part {part_key[:64]!r} in this conversation")
    mark_deliveries_read(unit, dialogue.conversation.id, provider="web", up_to_seq=part.seq)
    return mark_read(unit, dialogue, up_to_seq=part.seq)


@act(needs=Permission.TAKE_PART)
def write_soon(unit: Unit, visitor: Visitor, key: str) -> None:
    """The contact is writing: shown to the agents for a few seconds."""
    conversation, person = own_conversation(unit, visitor, key)
    data: JsonObject = {"conversation_key": conversation.key, "author": as_json(author_of(person))}
    unit.publish(EVENTS_STREAM, audience=AGENTS, payload={"type": "conversations:typing", "data": data})


def _say(
    unit: Unit,
    dialogue: Dialogue,
    content: Document,
    attachments: tuple[str, ...],
    client_id: str | None,
    effects: list[Effect],
) -> Said:
    author = Author(app_user_id=AppUserId(dialogue.person.id))
    own_id = own_client_id(author, client_id)
    if own_id is not None and (known := find_by_client_id(unit, dialogue, own_id)) is not None:
        before = (known.content, tuple(one.get("media") for one in attachments_of(known)))
        if before != (write_document(content), attachments):
            raise ConflictError("client_id: it came with another content before")
        return Said(part=_seen(unit, [known])[0], is_new=False)
    details = {"attachments": uploaded(unit, attachments)} if attachments else None
    new = AddPart(content=content, author=author, client_id=own_id, details=details)
    [part] = perform(unit, dialogue, [*effects, new])
    unit.flush()
    return Said(part=_seen(unit, [part])[0], is_new=True)


def _content(text: str, attachments: tuple[str, ...]) -> Document:
    """What a contact writes is plain text: nothing in it is markup."""
    content = document_from_text(text)
    if is_blank(content) and not attachments:
        raise InvalidError("text: write something, or attach a file")
    return content


def _key_of_own(person: AppUser, client_id: str) -> ConversationKey:
    """The key of the conversation that a contact begins under that id: the same on each repeat."""
    named = own_client_id(Author(app_user_id=AppUserId(person.id)), client_id)
    digest = hashlib.blake2b(f"{person.session_id}/{named}".encode(), digest_size=18).digest()
    return ConversationKey(base64.urlsafe_b64encode(digest).decode().replace("-", "x").replace("_", "y"))


def _seen(unit: Unit, parts: Sequence[ConversationPart]) -> Sequence[JsonObject]:
    """Parts that the contact may see, as they see them."""
    return [seen for view in show_parts(unit, parts) if (seen := for_contact(as_json(view))) is not None]


def _callback(option: str, label: str) -> JsonObject:
    return {"data": option, "title": label, "option": option}


def _shown(unit: Unit, conversations: Sequence[Conversation]) -> Sequence[JsonObject]:
    last = load_last_parts(unit, conversations, seen_by_contact=True)
    shown: list[JsonObject] = []
    for conversation, view in zip(conversations, show_conversations(unit, conversations), strict=True):
        whole = as_json(view)
        assignee = view.assignee
        part = last.get(conversation.id)
        shown.append(
            {
                **{name: whole[name] for name in SEEN},
                "assignee": {"name": assignee.name, "avatar_url": assignee.avatar_url} if assignee else None,
                "last_part": {
                    "text": part.text[:MAX_PREVIEW],
                    "from_me": part.app_user_id == conversation.main_participant_id,
                    "created_at": part.created_at.isoformat(),
                }
                if part is not None
                else None,
            }
        )
    return shown
