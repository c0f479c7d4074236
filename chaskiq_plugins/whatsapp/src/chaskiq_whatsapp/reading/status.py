"""How far a message of ours got, or why it did not."""

from chaskiq_core.plugin import Ignored, InboundEvent, JsonObject, SendStatus, StatusChanged
from chaskiq_whatsapp.elements import Element
from chaskiq_whatsapp.errors import class_of
from chaskiq_whatsapp.fields import id_at, object_at, objects_at, text_at, time_at, word_at
from chaskiq_whatsapp.people import chat_of, customer_ids

STATUSES = {
    "sent": SendStatus.SENT,
    "delivered": SendStatus.DELIVERED,
    "read": SendStatus.READ,
    "played": SendStatus.PLAYED,
    "failed": SendStatus.FAILED,
}
MAX_SENTENCE = 1000


def read_status(element: Element, own_number_id: str) -> InboundEvent:
    """The status; one of a message that it does not name, or of a kind that says nothing, is ignored."""
    told = element.content
    chat = chat_of(element, customer_ids(element), own_number_id)
    word = text_at(told, "status")
    message_id, attempt_id = id_at(told, "id"), text_at(told, "biz_opaque_callback_data")
    event_id = f"{message_id or element.digest}:{word[:64]}"
    status = STATUSES.get(word)
    if status is None or not message_id:
        reason = f"status: {word[:64] or 'none'}" if message_id else "status: it names no message"
        return Ignored(event_id=event_id, chat=chat, at=time_at(told), reason=reason)
    error: JsonObject = next(iter(objects_at(told, "errors")), {}) if status is SendStatus.FAILED else {}
    code = word_at(error, "code")[:64]
    return StatusChanged(
        event_id=event_id,
        chat=chat,
        at=time_at(told),
        message_id=message_id,
        message_key=message_id,
        status=status,
        error_code=code or None,
        error_class=class_of(code) if code else None,
        error_message=sentence_of(error) or None,
        attempt_id=attempt_id or None,
    )


def sentence_of(error: JsonObject) -> str:
    """Meta's most telling sentence."""
    told = (text_at(object_at(error, "error_data"), "details"), text_at(error, "message"), text_at(error, "title"))
    return next((sentence.strip() for sentence in told if sentence.strip()), "")[:MAX_SENTENCE]
