"""What a message says: its text, its attachments, or the words that stand for what we can't show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chaskiq_core.plugin import Attachment, AttachmentType, JsonObject
from chaskiq_whatsapp.fields import id_at, natural_at, number_at, object_at, objects_at, text_at, word_at
from chaskiq_whatsapp.reading.words import flow_words, order_words, permission_words, placeholder

MAX_NAME = 255
MAX_CONTACTS = 257
"""What Meta takes in one message."""
UNAVAILABLE_CODES = frozenset({"131052", "131051", "131060"})
"""A file that Meta could not take in; a kind that it does not give; what is only on the phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A message's own content."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    unsupported: bool = False
    """The text is a placeholder."""


def content_of(message: JsonObject) -> Content:
    """The content by the message's type; whatever it is, something of it is seen."""
    kind = kind_of(message)
    reader = READERS.get(kind)
    found = reader(message) if reader is not None else None
    return found or Content(text=placeholder(_name_of(kind, message)), unsupported=True)


def kind_of(message: JsonObject) -> str:
    """The message's type; of one that does not say it, the one whose object it holds."""
    told = text_at(message, "type")
    if told in READERS or told in OTHER_KINDS:
        return told
    return next((kind for kind in (*READERS, *OTHER_KINDS) if isinstance(message.get(kind), dict)), told)


def _name_of(kind: str, message: JsonObject) -> str:
    """Which kind a placeholder names: an unsupported message may say what it is."""
    return text_at(object_at(message, "unsupported"), "type") if kind in ("unsupported", "") else kind


def _text(message: JsonObject) -> Content | None:
    body = text_at(object_at(message, "text"), "body")
    return Content(text=body) if body.strip() else None


def _file(kind: AttachmentType, name: str) -> Callable[[JsonObject], Content | None]:
    return lambda message: _read_file(kind, object_at(message, name), message)


def _read_file(kind: AttachmentType, file: JsonObject, message: JsonObject) -> Content | None:
    if not file:
        return None
    file_id = id_at(file, "id")
    failed = any(word_at(error, "code") in UNAVAILABLE_CODES for error in objects_at(message, "errors"))
    attachment = Attachment(
        type=kind,
        provider_file_id=file_id or None,
        filename=text_at(file, "filename").strip()[:MAX_NAME] or None,
        mime=text_at(file, "mime_type")[:MAX_NAME] or None,
        size=natural_at(file, "file_size"),
        unavailable=failed or not file_id,
    )
    return Content(text=text_at(file, "caption"), attachments=(attachment,))


def _audio(message: JsonObject) -> Content | None:
    audio = object_at(message, "audio")
    return _read_file("voice" if audio.get("voice") is True else "audio", audio, message)


def _location(message: JsonObject) -> Content | None:
    place = object_at(message, "location")
    latitude, longitude = number_at(place, "latitude"), number_at(place, "longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Content(
        attachments=(
            Attachment(
                type="location",
                latitude=latitude,
                longitude=longitude,
                name=text_at(place, "name")[:MAX_NAME] or None,
                address=text_at(place, "address")[:1000] or None,
            ),
        )
    )


def _contacts(message: JsonObject) -> Content | None:
    cards = [_card(card) for card in objects_at(message, "contacts")[:MAX_CONTACTS]]
    found = tuple(card for card in cards if card is not None)
    return Content(attachments=found) if found else None


def _card(card: JsonObject) -> Attachment | None:
    name = object_at(card, "name")
    words = (text_at(name, part).strip() for part in ("first_name", "middle_name", "last_name"))
    told = text_at(name, "formatted_name").strip() or " ".join(word for word in words if word)
    told = told or text_at(object_at(card, "org"), "company").strip()
    phones = [word_at(phone, "phone") or word_at(phone, "wa_id") for phone in objects_at(card, "phones")]
    phone = next((one for one in phones if one), "")
    if not told and not phone:
        told = next((mail for one in objects_at(card, "emails") if (mail := text_at(one, "email").strip())), "")
    if not told and not phone:
        return None
    return Attachment(type="contact", name=told[:MAX_NAME] or None, phone=phone[:64] or None)


def _interactive(message: JsonObject) -> Content | None:
    interactive = object_at(message, "interactive")
    for kind in ("button_reply", "list_reply"):
        if title := text_at(object_at(interactive, kind), "title") or word_at(object_at(interactive, kind), "id"):
            return Content(text=title)
    if said := flow_words(object_at(interactive, "nfm_reply")):
        return Content(text=said)
    if said := permission_words(object_at(interactive, "call_permission_reply")):
        return Content(text=said)
    return None


def _button(message: JsonObject) -> Content | None:
    button = object_at(message, "button")
    said = text_at(button, "text") or word_at(button, "payload")
    return Content(text=said) if said.strip() else None


def _order(message: JsonObject) -> Content | None:
    said = order_words(object_at(message, "order"))
    return Content(text=said) if said else None


READERS: Mapping[str, Callable[[JsonObject], Content | None]] = MappingProxyType(
    {
        "text": _text,
        "image": _file("image", "image"),
        "video": _file("video", "video"),
        "audio": _audio,
        "voice": _file("voice", "voice"),
        "document": _file("file", "document"),
        "sticker": _file("sticker", "sticker"),
        "location": _location,
        "contacts": _contacts,
        "interactive": _interactive,
        "button": _button,
        "order": _order,
    }
)
"""By the type, which is the name of the object, too."""
OTHER_KINDS = ("reaction", "system", "unsupported", "request_welcome", "edit", "revoke", "media_placeholder")
"""Types that have no content of their own."""
