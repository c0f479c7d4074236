"""An element as the event that it is; what is no event of a conversation is ignored with a reason."""

from chaskiq_core.plugin import Ignored, InboundEvent, WebhookItem, WebhookRequest
from chaskiq_whatsapp.elements import Element, Kind, element_at
from chaskiq_whatsapp.fields import time_at, word_at
from chaskiq_whatsapp.manifest import WhatsAppSettings
from chaskiq_whatsapp.people import chat_of, customer_ids, person_of
from chaskiq_whatsapp.reading.message import read_message
from chaskiq_whatsapp.reading.status import read_status, sentence_of


def parse_item(request: WebhookRequest, item: WebhookItem, settings: WhatsAppSettings) -> list[InboundEvent]:
    """The one event of an element; UnreadableError if the body is no JSON object."""
    element = element_at(request, item.path)
    if element is None:
        return []
    if not element.is_object:
        return [Ignored(event_id=element.digest, reason=f"{element.kind}: it is no object")]
    match element.kind:
        case Kind.STATUS:
            return [read_status(element, settings.phone_number_id)]
        case Kind.PREFERENCE:
            return [_preference(element, settings)]
        case Kind.NOTICE:
            return [Ignored(event_id=element.digest, reason=_named(element))]
        case _:
            return [read_message(element, settings.phone_number_id)]


def _preference(element: Element, settings: WhatsAppSettings) -> Ignored:
    ids = customer_ids(element)
    told = " ".join(word_at(element.content, name)[:64] for name in ("category", "value"))
    return Ignored(
        event_id=element.digest,
        chat=chat_of(element, ids, settings.phone_number_id),
        sender=person_of(element, ids),
        at=time_at(element.content),
        reason=f"user_preferences: {told.strip() or 'none told'}",
    )


def _named(element: Element) -> str:
    """What a notice is about, for who reads the ledger."""
    code, sentence = word_at(element.content, "code"), sentence_of(element.content)
    event = word_at(element.value, "event")
    about = f"{code} {sentence}".strip() or event
    name = element.field[:64] or "a body without elements"
    return f"{name}: {about}"[:500] if about else name
