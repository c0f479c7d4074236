"""An element of a webhook as events. Pure."""

import html
from datetime import UTC, datetime

from chaskiq_core.plugin import (
    Attachment,
    AttachmentType,
    Chat,
    Ignored,
    InboundEvent,
    JsonObject,
    MessageReceived,
    Sender,
    SendStatus,
    StatusChanged,
    WebhookItem,
    WebhookRequest,
)
from chaskiq_x.elements import MESSAGES, READS, element_at, id_at, list_at, object_at, people_of, text_at
from chaskiq_x.manifest import XSettings

PLACEHOLDER = "(something that can't be shown here)"
TYPES: dict[str, AttachmentType] = {"photo": "image", "video": "video", "animated_gif": "video"}
LARGEST_MILLISECONDS = 253_402_300_799_000  # the end of the year 9999


def parse_element(request: WebhookRequest, item: WebhookItem, settings: XSettings) -> list[InboundEvent]:
    """A message of either side, how far a message of ours was read, or an ignored element."""
    name, element = element_at(request, item.path)
    if id_at(request.json(), "for_user_id") != settings.user_id:
        return [Ignored(event_id=item.dedupe_key, reason="for another account")]
    sender, recipient = people_of(name, element)
    if not sender or not recipient or settings.user_id not in (sender, recipient):
        return [Ignored(event_id=item.dedupe_key, reason="it names no sender, or no recipient")]
    if name == MESSAGES:
        return [_message(request, element, item, settings)]
    if name == READS and (read := id_at(element, "last_read_event_id")) and sender != settings.user_id:
        status = StatusChanged(
            event_id=item.dedupe_key,
            chat=Chat(channel_id=sender),
            at=_time(element),
            message_id=read,
            message_key=read,
            status=SendStatus.READ,
        )
        return [status]
    return [Ignored(event_id=item.dedupe_key, reason=name)]


def _message(request: WebhookRequest, element: object, item: WebhookItem, settings: XSettings) -> InboundEvent:
    message = object_at(element, "message_create")
    data, message_id = object_at(message, "message_data"), id_at(element, "id")
    sender, recipient = people_of(MESSAGES, element)
    is_ours = sender == settings.user_id
    if not message_id:
        return Ignored(event_id=item.dedupe_key, reason="a message without an id")
    if is_ours and settings.app_id is not None and id_at(message, "source_app_id") == settings.app_id:
        return Ignored(event_id=item.dedupe_key, reason="the echo of what we sent")
    people = object_at(request.json(), "users")
    attachments = _attachments(data)
    text = _text(data)
    return MessageReceived(
        event_id=item.dedupe_key,
        chat=Chat(channel_id=recipient if is_ours else sender),
        sender=_person(people, sender),
        at=_time(element),
        message_id=message_id,
        message_key=message_id,
        text=text or ("" if attachments else PLACEHOLDER),
        attachments=attachments,
        direction="out" if is_ours else "in",
        recipient=_person(people, recipient) if is_ours else None,
        unsupported=not text and not attachments,
    )


def _person(people: JsonObject, id_: str) -> Sender:
    known = object_at(people, id_)
    handle = text_at(known, "screen_name").strip()
    name = text_at(known, "name").strip() or (f"@{handle}" if handle else id_)
    return Sender(id=id_, name=name, data={"username": handle} if handle else {})


def _text(data: JsonObject) -> str:
    """What was written: X escapes it for HTML, shortens each link, and adds one for an attachment."""
    text = html.unescape(text_at(data, "text"))
    attached = text_at(object_at(data, "attachment", "media"), "url")
    for link in list_at(object_at(data, "entities"), "urls"):
        short, long = text_at(link, "url"), text_at(link, "expanded_url")
        if short and short == attached:
            text = text.replace(short, "")
        elif short and long:
            text = text.replace(short, long)
    return text.strip()


def _attachments(data: JsonObject) -> tuple[Attachment, ...]:
    media = object_at(data, "attachment", "media")
    address = _address(media)
    type_ = TYPES.get(text_at(media, "type"))
    if type_ is None:
        return ()
    return (Attachment(type=type_, provider_file_id=address or None, unavailable=not address),)


def _address(media: JsonObject) -> str:
    """Where the file is: of a film, the variant with the most bits."""
    films = [one for one in list_at(object_at(media, "video_info"), "variants") if text_at(one, "url")]
    if films:
        return text_at(max(films, key=_bits), "url")
    return text_at(media, "media_url_https")


def _bits(variant: object) -> int:
    found = variant.get("bitrate") if isinstance(variant, dict) else None
    return found if isinstance(found, int) else 0


def _time(element: object) -> datetime | None:
    text = text_at(element, "created_timestamp")
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_MILLISECONDS)):
        return None
    milliseconds = int(text)
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds <= LARGEST_MILLISECONDS else None
