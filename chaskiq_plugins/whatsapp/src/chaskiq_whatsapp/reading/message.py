"""A message, an echo or a message of the past as an event."""

from chaskiq_core.plugin import (
    Attachment,
    ButtonPressed,
    Chat,
    Ignored,
    InboundEvent,
    JsonObject,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    Sender,
)
from chaskiq_whatsapp.elements import Element, Kind
from chaskiq_whatsapp.fields import id_at, is_true, object_at, person_id_at, text_at, time_at, word_at
from chaskiq_whatsapp.people import Ids, business_of, chat_of, customer_ids, is_outgoing, person_of
from chaskiq_whatsapp.reading.content import content_of, kind_of

MAX_TOLD = 2000
IDENTITY_CHANGES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
REFERRAL = ("source_type", "source_id", "source_url", "headline", "body", "media_type", "ctwa_clid")


def read_message(element: Element, own_number_id: str) -> InboundEvent:
    """What the element says happened."""
    ids = customer_ids(element)
    chat = chat_of(element, ids, own_number_id)
    person = person_of(element, ids)
    if chat is None or (person is None and not chat.is_group):
        return _ignored(element, None, None, "a message that names nobody")
    kind = kind_of(element.content)
    match kind:
        case "reaction":
            return _reaction(element, chat, person)
        case "edit":
            return _edit(element, chat, person)
        case "revoke":
            return _revoke(element, chat, person)
        case "system":
            return _system(element, chat, person, ids, own_number_id)
        case "request_welcome":
            return _ignored(element, chat, person, "request_welcome: the chat was opened, nothing was written yet")
        case "interactive" | "button" if element.kind is Kind.MESSAGE:
            return _pressed(element, chat, person) or _written(element, chat, person)
    return _written(element, chat, person)


def _written(element: Element, chat: Chat, person: Sender | None) -> MessageReceived:
    message, content = element.content, content_of(element.content)
    context = object_at(message, "context")
    is_forwarded = is_true(context, "forwarded") or is_true(context, "frequently_forwarded")
    answered = "" if is_forwarded else id_at(context, "id")
    outgoing = is_outgoing(element)
    return MessageReceived(
        event_id=element.id,
        chat=chat,
        sender=business_of(element) if outgoing else person,
        recipient=person if outgoing else None,
        direction="out" if outgoing else "in",
        at=time_at(message),
        message_id=element.id,
        message_key=element.id,
        text=content.text,
        attachments=content.attachments,
        unsupported=content.unsupported,
        reply_to=answered or None,
        reply_to_key=answered or None,
        forwarded={"name": "", "frequently": is_true(context, "frequently_forwarded")} if is_forwarded else None,
        referral=_referral(message, context),
        historical=element.kind in (Kind.HISTORY, Kind.HISTORY_MEDIA),
        attempt_id=text_at(message, "biz_opaque_callback_data") or None,
    )


def _referral(message: JsonObject, context: JsonObject) -> JsonObject | None:
    """The advertisement, the post or the product that led here."""
    told = object_at(message, "referral")
    found: dict[str, object] = {name: word[:MAX_TOLD] for name in REFERRAL if (word := word_at(told, name))}
    if picture := text_at(told, "image_url") or text_at(told, "video_url") or text_at(told, "thumbnail_url"):
        found["media_url"] = picture[:MAX_TOLD]
    if welcome := text_at(object_at(told, "welcome_message"), "text"):
        found["welcome"] = welcome[:MAX_TOLD]
    product = object_at(context, "referred_product")
    if retailer_id := word_at(product, "product_retailer_id"):
        found |= {
            "source_type": "product",
            "source_id": retailer_id[:MAX_TOLD],
            "catalog_id": word_at(product, "catalog_id")[:MAX_TOLD],
        }
    return found or None


def _pressed(element: Element, chat: Chat, person: Sender | None) -> ButtonPressed | None:
    """A press of a button or of a list's row; None for any other interactive message."""
    message = element.content
    interactive, button = object_at(message, "interactive"), object_at(message, "button")
    reply = object_at(interactive, "button_reply") or object_at(interactive, "list_reply")
    data = word_at(reply, "id") or word_at(button, "payload") or text_at(button, "text")
    title = text_at(reply, "title") or text_at(button, "text") or data
    if person is None or not title.strip():
        return None
    answered = id_at(object_at(message, "context"), "id") or None
    return ButtonPressed(
        event_id=element.id,
        chat=chat,
        sender=person,
        at=time_at(message),
        callback_id=element.id,
        data=data or None,
        title=title,
        text=title,
        message_id=answered,
        message_key=answered,
        own_message_id=element.id,
    )


def _reaction(element: Element, chat: Chat, person: Sender | None) -> InboundEvent:
    reaction = object_at(element.content, "reaction")
    target, emoji = id_at(reaction, "message_id"), text_at(reaction, "emoji").strip()[:64]
    if not target:
        return _ignored(element, chat, person, "reaction: it names no message")
    if is_outgoing(element):
        return _ignored(element, chat, person, "reaction: the business's own, in its own app")
    return ReactionChanged(
        event_id=element.id,
        chat=chat,
        sender=person,
        at=time_at(element.content),
        message_id=target,
        message_key=target,
        added=(emoji,) if emoji else (),
        # A person has one reaction at most, and Meta does not say which one went.
        replaces=True,
    )


def _edit(element: Element, chat: Chat, person: Sender | None) -> InboundEvent:
    edit = object_at(element.content, "edit")
    target, message = id_at(edit, "original_message_id"), object_at(edit, "message")
    if not target or not message:
        return _ignored(element, chat, person, "edit: it does not say which message says what now")
    content = content_of(message)
    outgoing = is_outgoing(element)
    attachments: tuple[Attachment, ...] = content.attachments
    return MessageEdited(
        event_id=element.id,
        chat=chat,
        sender=business_of(element) if outgoing else person,
        direction="out" if outgoing else "in",
        at=time_at(element.content),
        message_id=target,
        message_key=target,
        text=content.text,
        attachments=attachments,
    )


def _revoke(element: Element, chat: Chat, person: Sender | None) -> InboundEvent:
    target = id_at(object_at(element.content, "revoke"), "original_message_id")
    if not target:
        return _ignored(element, chat, person, "revoke: it names no message")
    return MessageDeleted(
        event_id=element.id,
        chat=chat,
        sender=business_of(element) if is_outgoing(element) else person,
        at=time_at(element.content),
        message_ids=(target,),
        message_keys=(target,),
    )


def _system(element: Element, chat: Chat, person: Sender | None, ids: Ids, own_number_id: str) -> InboundEvent:
    """Somebody has another number, or another user id: they and their chat go on under it."""
    system = object_at(element.content, "system")
    kind = text_at(system, "type")
    phone = person_id_at(system, "new_wa_id") or person_id_at(system, "wa_id")
    user = id_at(system, "user_id")
    new = Ids(
        phone=phone if phone.isdecimal() else "", user=user or ("" if phone.isdecimal() else phone), parent=ids.parent
    )
    if kind not in IDENTITY_CHANGES or person is None or not (new.phone or new.user) or chat.is_group:
        return _ignored(element, chat, person, f"system: {kind[:64] or 'a notice'}")
    if kind == "user_changed_user_id":
        new = Ids(phone=new.phone or ids.phone, user=new.user, parent=new.parent)
    now = Sender(
        id=new.first,
        name=person.name if person.name.lstrip("+") not in ids.all else new.first,
        aliases=new.all[1:],
        phone=f"+{new.phone}" if new.phone else None,
    )
    moved = chat_of(element, new, own_number_id)
    return MembershipChanged(
        event_id=element.id,
        chat=chat,
        sender=person,
        at=time_at(element.content),
        change="identity_changed",
        members=(now,),
        new_chat=moved if moved is not None and moved.channel_id != chat.channel_id else None,
    )


def _ignored(element: Element, chat: Chat | None, person: Sender | None, reason: str) -> Ignored:
    return Ignored(event_id=element.id, chat=chat, sender=person, at=time_at(element.content), reason=reason)
