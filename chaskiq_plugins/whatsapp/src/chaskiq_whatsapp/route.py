"""Each element's dedupe key and lane."""

from chaskiq_core.plugin import WebhookItem, WebhookRequest
from chaskiq_whatsapp.elements import Element, Kind, elements_of
from chaskiq_whatsapp.fields import id_at, word_at
from chaskiq_whatsapp.manifest import WhatsAppSettings
from chaskiq_whatsapp.people import chat_of, customer_ids, lane_of

MAX_WORD = 64


def route_body(request: WebhookRequest, settings: WhatsAppSettings) -> list[WebhookItem]:
    """An item for every element of every change; UnreadableError if the body is no JSON object."""
    return [
        WebhookItem(dedupe_key=_dedupe_key(element), lane=_lane(element, settings), path=element.path)
        for element in elements_of(request)
    ]


def _lane(element: Element, settings: WhatsAppSettings) -> str:
    if element.kind is Kind.NOTICE or not element.is_object:
        return ""
    return lane_of(chat_of(element, customer_ids(element), settings.phone_number_id))


def _dedupe_key(element: Element) -> str:
    """Meta's id, with what else tells two elements about one message apart."""
    message_id = id_at(element.content, "id")
    if not message_id:
        return element.digest
    match element.kind:
        case Kind.MESSAGE | Kind.ECHO:
            return message_id
        case Kind.STATUS:
            words = (word_at(element.content, name)[:MAX_WORD] for name in ("status", "timestamp"))
            participant = id_at(element.content, "recipient_participant_id")
            return ":".join((message_id, *words, *filter(None, (participant,))))
        case Kind.HISTORY | Kind.HISTORY_MEDIA:
            # The message may have come alive before; the core tells by its key.
            return f"{element.kind}:{message_id}"
        case Kind.PREFERENCE | Kind.NOTICE:
            return element.digest
