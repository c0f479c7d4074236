"""A part as agents see it, as its contact sees it, and on the streams of both."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chaskiq_core.content import html_of, link_media, read_document, write_document
from chaskiq_core.model import AppUser, Conversation, ConversationPart, Delivery, DeliveryPiece, JsonObject, PartSource
from chaskiq_core.plugin.views import (
    AuthorView,
    DeliveryErrorView,
    DeliveryView,
    EventView,
    LastPartView,
    PartView,
    SourceView,
)
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.realtime.streams import AGENTS, CONTACT, EVENTS_STREAM, contact_stream
from chaskiq_core.store.unit import Unit

ATTACHMENT_FIELDS = (
    "type", "url", "filename", "mime", "size", "state", "duration", "width", "height", "latitude", "longitude", "name",
    "address", "phone", "emoji",
)  # fmt: skip
MAX_PREVIEW = 200
"""Characters of a part that a list shows."""
CONTACT_FIELDS = (
    "key", "kind", "author", "text", "html", "content", "attachments", "block", "event", "reply_to", "quote",
    "group_id", "reactions", "unsupported", "created_at", "read_at", "edited_at", "deleted_at",
)  # fmt: skip
"""What a contact may see of a part: no seq (its gaps would tell of notes), no deliveries, no sources."""
CONTACT_EVENTS = frozenset({"closed", "reopened", "joined", "left"})


def _no_link(key: str) -> str | None:
    """The default of `PartRows.link`: there is nobody to serve files."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRows:
    """A part with the rows that its view is made of."""

    part: ConversationPart
    author: AuthorView
    reply_to: str | None = None
    sources: Sequence[PartSource] = ()
    deliveries: Sequence[Delivery] = ()
    pieces: Mapping[int, Sequence[DeliveryPiece]] | None = None
    """By delivery."""
    link: Callable[[str], str | None] = _no_link
    """Where one of our files can be fetched."""


def present_part(rows: PartRows) -> PartView:
    """The part as agents see it."""
    part = rows.part
    gone = part.deleted_at is not None
    details = {} if gone else part.details
    stored = None if gone else part.content
    content = read_document(stored) if stored else None
    linked = link_media(content, rows.link) if content else None
    return PartView(
        key=part.key,
        seq=part.seq,
        kind=part.kind.value,
        author=rows.author,
        text="" if gone else part.text,
        html=html_of(linked) if linked else "",
        # written anew only where addresses were put in: most parts show no file of ours
        content=stored if linked is content or linked is None else write_document(linked),
        attachments=tuple(_attachment(found, rows.link) for found in _objects(details.get("attachments"))),
        block=part.block,
        event=EventView(action=part.event_action, data=part.event_data) if part.event_action else None,
        private_note=part.private_note,
        reply_to=rows.reply_to,
        quote=_text(details.get("quote")),
        forwarded=next(iter(_objects([details.get("forwarded")])), None),
        group_id=_text(details.get("group_id")),
        reactions=tuple(_objects(details.get("reactions"))),
        former=tuple(_objects(details.get("former"))),
        unsupported=part.unsupported,
        created_at=part.created_at,
        provider_sent_at=part.provider_sent_at,
        read_at=part.read_at,
        edited_at=part.edited_at,
        deleted_at=part.deleted_at,
        sources=tuple(SourceView(provider=source.provider, external_id=source.external_id) for source in rows.sources),
        deliveries=tuple(present_delivery(one, (rows.pieces or {}).get(one.id, ())) for one in rows.deliveries),
        referral=next(iter(_objects([details.get("referral")])), None),
    )


def present_last_part(part: ConversationPart) -> LastPartView:
    """The beginning of a part, for lists."""
    attachment = next(iter(_objects(part.details.get("attachments"))), {}).get("type")
    return LastPartView(
        seq=part.seq,
        from_contact=part.app_user_id is not None,
        text=part.text[:MAX_PREVIEW],
        attachment=_text(attachment),
        private_note=part.private_note,
    )


def present_delivery(delivery: Delivery, pieces: Sequence[DeliveryPiece]) -> DeliveryView:
    """A part on its way to one channel."""
    error = delivery.error
    return DeliveryView(
        id=delivery.key,
        provider=delivery.provider,
        state=delivery.state.value,
        error=DeliveryErrorView(
            class_=str(error.get("class")),
            code=str(error.get("code")),
            message=str(error.get("message")),
            retryable=bool(error.get("retryable")),
        )
        if error
        else None,
        external_ids=tuple(external_id for piece in pieces for external_id in piece.external_ids),
    )


def publish_part(unit: Unit, conversation: Conversation, person: AppUser, rows: PartRows) -> None:
    """Tell the agents; tell the contact too, what they may see."""
    whole = as_json(present_part(rows))
    unit.publish(
        EVENTS_STREAM,
        audience=AGENTS,
        payload={"type": "conversation_part", "data": {**whole, "conversation_key": conversation.key}},
    )
    if (seen := for_contact(whole)) is not None:
        unit.publish(
            contact_stream(person.session_id),
            audience=CONTACT,
            payload={
                "type": "conversations:conversation_part",
                "data": {**seen, "conversation_key": conversation.key},
            },
        )


def for_contact(part: JsonObject) -> JsonObject | None:
    """A part's JSON without what is the agents'; None: the contact sees nothing of it."""
    if part["private_note"]:
        return None
    event = part["event"]
    if isinstance(event, Mapping) and event["action"] not in CONTACT_EVENTS:
        return None
    return {name: part[name] for name in CONTACT_FIELDS}


def _attachment(stored: JsonObject, link: Callable[[str], str | None]) -> JsonObject:
    shown = {name: stored.get(name) for name in ATTACHMENT_FIELDS}
    media = stored.get("media")
    return {**shown, "url": link(str(media))} if media and stored.get("state") == "ready" else shown


def _objects(value: object) -> Iterable[JsonObject]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [item for item in value if isinstance(item, Mapping)]
    return []


def _text(value: object) -> str | None:
    return None if value is None else str(value)
