"""Parts of an agent's own: written, edited, deleted, and being written."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from chaskiq_core.content import Document, document_from_text, is_blank, write_document
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import Dialogue, find_part, lock_dialogue
from chaskiq_core.conversations.edit import delete_part, edit_part
from chaskiq_core.conversations.media import attachments_of, check_media, uploaded
from chaskiq_core.conversations.queries import find_conversation
from chaskiq_core.conversations.show import show_parts
from chaskiq_core.deliveries.windows import find_windows
from chaskiq_core.desk.authors import author_in
from chaskiq_core.desk.client_ids import find_by_client_id, own_client_id
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.effects import AddPart
from chaskiq_core.errands.jobs import enqueue_again
from chaskiq_core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chaskiq_core.model import ConversationChannel, ConversationPart, JsonObject, PartKind
from chaskiq_core.plugin.templates import FilledTemplate
from chaskiq_core.plugin.views import PartView
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.presenters.people import author_of
from chaskiq_core.realtime.streams import AGENTS, EVENTS_STREAM
from chaskiq_core.staff.agents import find_role
from chaskiq_core.store.unit import Unit

TYPING_JOB = "typing"
MARK_READ_JOB = "mark_read"
TYPING_EVERY = timedelta(seconds=4)
"""How long a sign of typing lasts; more within that time are one."""
NOTHING = Document()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """What a reply came to."""

    part: PartView
    is_new: bool
    """False: the same client_id was here before, and this is the part that it made."""


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
    template: FilledTemplate | None = None,
) -> Replied:
    """An agent's part: a reply that goes out on the conversation's channels, or a note that stays.

    A `template` says what its text says, and no `content` beside it; its one attachment is the file above it.

    `attachments` are ids of uploaded files. The same `client_id` again is the same part; ConflictError if it came with
    another content, or if the provider takes no free text now on any of the channels.
    """
    if template is not None:
        if private_note or not is_blank(content):
            raise InvalidError("template: it is a reply of its own, with no text beside it")
        content = document_from_text(template.text)
    if is_blank(content) and not attachments:
        raise InvalidError("the part is blank: write something, or attach a file")
    dialogue = lock_dialogue(unit, key)
    author = author_in(unit, dialogue)
    own_id = own_client_id(author, client_id)
    if own_id is not None and (known := find_by_client_id(unit, dialogue, own_id)) is not None:
        files = tuple(one.get("media") for one in attachments_of(known))
        said_before = (known.content, known.private_note, files, known.details.get("template"))
        if said_before != (write_document(content), private_note, attachments, _as_details(template)):
            raise ConflictError("client_id: it came with another content before")
        return Replied(part=show_parts(unit, [known])[0], is_new=False)
    if reply_to is not None:
        target = find_part(unit, dialogue.conversation, reply_to)
        if target is None:
            raise InvalidError("reply_to: no such part in this conversation")
        if target.private_note and not private_note:
            raise InvalidError("reply_to: a private note can't be answered where the contact sees it")
    check_media(unit, content)
    if not private_note and template is None:
        check_windows(unit, dialogue.channels)
    new = AddPart(
        content=content,
        author=author,
        private_note=private_note,
        reply_to=reply_to,
        client_id=own_id,
        details=details_of(unit, attachments, template) or None,
    )
    [part] = perform(unit, dialogue, [new])
    if not private_note and any("mark_read" in _offers(unit, channel) for channel in dialogue.channels):
        unit.enqueue(MARK_READ_JOB, f"mark_read/{part.key}", {"conversation": dialogue.conversation.key})
    unit.flush()
    return Replied(part=show_parts(unit, [part])[0], is_new=True)


@act(needs=Permission.REPLY)
def edit(unit: Unit, key: str, part_key: str, *, content: Document) -> PartView:
    """Another text for a part of one's own; what has left already is changed where its channel can do that."""
    dialogue, part = _own_part(unit, key, part_key)
    if part.kind is not PartKind.CONTENT or part.deleted_at is not None:
        raise InvalidError("only a text that was not deleted can be edited")
    if is_blank(content) and not attachments_of(part):
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


def _offers(unit: Unit, channel: ConversationChannel) -> frozenset[str]:
    manifest = unit.manifests.get(channel.provider)
    return manifest.offers if manifest is not None else frozenset()


def details_of(unit: Unit, attachments: tuple[str, ...], template: FilledTemplate | None) -> dict[str, object]:
    """What a part carries beside its text; InvalidError for a file that can't stand above the template."""
    details: dict[str, object] = {}
    if attachments:
        files = uploaded(unit, attachments)
        details["attachments"] = files
        wanted = [template.header_media] if template is not None else None
        if wanted is not None and [one["type"] for one in files] != wanted:
            raise InvalidError(f"template.header: must be one file of the type {wanted[0]}")
    if template is not None:
        details["template"] = _as_details(template)
    return details


def _as_details(template: FilledTemplate | None) -> object:
    """As JSON gives it back."""
    return json.loads(json.dumps(asdict(template.outgoing))) if template is not None else None


def check_windows(unit: Unit, channels: Sequence[ConversationChannel]) -> None:
    """ConflictError if a free text can reach the contact nowhere now: every channel's window is closed."""
    theirs = [channel for channel in channels if not channel.mirror]
    windows = find_windows(unit, theirs)
    closed = [windows[one.id] for one in theirs if one.id in windows and not windows[one.id].is_open(unit.now)]
    if closed and len(closed) == len(theirs):
        raise ConflictError(closed[0].reason)


def _own_part(unit: Unit, key: str, part_key: str) -> tuple[Dialogue, ConversationPart]:
    """A part that the actor wrote, its conversation locked; ForbiddenError for another's."""
    dialogue = lock_dialogue(unit, key)
    part = find_part(unit, dialogue.conversation, part_key)
    if part is None:
        raise NotFoundError(f"no part {part_key[:64]!r} in this conversation")
    author = author_in(unit, dialogue)
    if (part.agent_id, part.app_user_id) != (author.agent_id, author.app_user_id):
        raise ForbiddenError("this part is somebody else's: only who wrote it can change it")
    return dialogue, part
