"""Who and where: a person by phone number, by business-scoped user id, or by both; their chat, or a group's."""

from dataclasses import dataclass

from chaskiq_core.plugin import Chat, JsonObject, Sender
from chaskiq_whatsapp.elements import Element, Kind, contacts_of
from chaskiq_whatsapp.fields import id_at, object_at, person_id_at, text_at

MAX_NAME = 200
CONTACT_IDS = ("wa_id", "user_id", "parent_user_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What Meta calls a person; either may be missing, and at times both are."""

    phone: str = ""
    """The digits of the wa_id."""
    user: str = ""
    """The business-scoped user id."""
    parent: str = ""
    """The same for all businesses of one portfolio."""

    @property
    def first(self) -> str:
        """The one by which the person's chat is known."""
        return self.phone or self.user or self.parent

    @property
    def all(self) -> tuple[str, ...]:
        """Each once, the first one first."""
        return tuple(dict.fromkeys(one for one in (self.phone, self.user, self.parent) if one))


def customer_ids(element: Element) -> Ids:
    """The person whose chat the element belongs to: the contact beside it may know them by an id more."""
    bare = _bare_ids(element)
    contact = contact_of(element, bare)
    known = Ids(
        phone=person_id_at(contact, "wa_id"), user=id_at(contact, "user_id"), parent=id_at(contact, "parent_user_id")
    )
    return Ids(
        phone=bare.phone or known.phone,
        user=bare.user or known.user,
        parent=bare.parent or known.parent,
    )


def contact_of(element: Element, ids: Ids) -> JsonObject:
    """What the change tells of a person, found by an id, never by its place; of one without ids, the only one told."""
    contacts = contacts_of(element.value)
    wanted = set(ids.all)
    if not wanted:
        is_message = element.kind is Kind.MESSAGE and id_at(element.content, "id") != ""
        return contacts[0] if len(contacts) == 1 and is_message else {}
    for contact in contacts:
        if any(isinstance(name := contact.get(field), str) and name in wanted for field in CONTACT_IDS):
            return contact
    for contact in contacts:  # written otherwise: "+49 1511 2345678"
        names = {person_id_at(contact, "wa_id"), id_at(contact, "user_id"), id_at(contact, "parent_user_id")}
        if wanted & (names - {""}):
            return contact
    return {}


def person_of(element: Element, ids: Ids) -> Sender | None:
    """The person as a sender; None without any id."""
    if not ids.first:
        return None
    contact = contact_of(element, ids) or object_at(element.thread, "context")
    profile = object_at(contact, "profile")
    username = text_at(profile, "username") or text_at(contact, "username")
    name = text_at(profile, "name").strip() or text_at(contact, "name").strip()
    told = {"username": username, "phone": ids.phone, "user_id": ids.user}
    return Sender(
        id=ids.first,
        name=(name or username.strip() or (f"+{ids.phone}" if ids.phone else ids.first))[:MAX_NAME],
        aliases=ids.all[1:],
        phone=f"+{ids.phone}" if ids.phone.isdecimal() else None,
        data={key: value[:MAX_NAME] for key, value in told.items() if value},
    )


def business_of(element: Element) -> Sender | None:
    """The business itself, as the sender of what it wrote in its own app."""
    number = person_id_at(element.content, "from") or element.business_number
    return Sender(id=number, name=f"+{number}") if number else None


def chat_of(element: Element, ids: Ids, own_number_id: str) -> Chat | None:
    """The group's chat, or the person's; None if nobody is named."""
    group_id = group_of(element)
    name = group_id or ids.first
    if not name:
        return None
    number_id = element.number_id or own_number_id
    return Chat(
        channel_id=name,
        # The app's other numbers may share its webhook: their chats are other chats, and answered from that number.
        thread_id="" if number_id == own_number_id else number_id,
        is_group=bool(group_id),
        is_person=not group_id,
        key=f"{number_id}:group:{group_id}" if group_id else f"{number_id}:{name}",
    )


def lane_of(chat: Chat | None) -> str:
    """The chat whose order an element keeps."""
    return "" if chat is None else f"{chat.thread_id}:{chat.channel_id}" if chat.thread_id else chat.channel_id


def group_of(element: Element) -> str:
    """The group's id; '' outside of groups."""
    if element.kind is Kind.STATUS:
        is_group = text_at(element.content, "recipient_type") == "group"
        return id_at(element.content, "recipient_id") if is_group else ""
    return id_at(element.content, "group_id")


def is_outgoing(element: Element) -> bool:
    """Whether the business wrote it: an echo; of the past, what is from its number, or to somebody."""
    if element.kind is Kind.ECHO:
        return True
    if element.kind not in (Kind.HISTORY, Kind.HISTORY_MEDIA):
        return False
    sender = person_id_at(element.content, "from")
    names_recipient = any(id_at(element.content, name) for name in ("to", "to_user_id"))
    return names_recipient or (sender != "" and sender == element.business_number)


def _bare_ids(element: Element) -> Ids:
    content = element.content
    if element.kind is Kind.HISTORY:
        thread, context = element.thread, object_at(element.thread, "context")
        phone, user = person_id_at(thread, "id"), ""
        if not phone.isdecimal():
            phone, user = "", phone
        return Ids(
            phone=phone or person_id_at(context, "wa_id"),
            user=user or id_at(context, "user_id"),
            parent=id_at(context, "parent_user_id"),
        )
    if element.kind is Kind.STATUS:
        return _split(content, "recipient_id", "recipient_user_id", "recipient_parent_user_id")
    if element.kind is Kind.PREFERENCE:
        return _split(content, "wa_id", "user_id", "parent_user_id")
    if is_outgoing(element):
        return _split(content, "to", "to_user_id", "to_parent_user_id")
    return _split(content, "from", "from_user_id", "from_parent_user_id")


def _split(content: JsonObject, phone: str, user: str, parent: str) -> Ids:
    """The ids in three fields; a user id in the phone's field is one all the same."""
    number, own = person_id_at(content, phone), id_at(content, user)
    if number and not number.isdecimal():
        number, own = "", own or number
    return Ids(phone=number, user=own, parent=id_at(content, parent))
