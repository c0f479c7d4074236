"""What a customer does: write, press, react, read, change their number."""

from dataclasses import replace

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject
from chaskiq_whatsapp.sandbox.memory.messages import Message
from chaskiq_whatsapp.sandbox.memory.numbers import Number
from chaskiq_whatsapp.sandbox.memory.people import Person
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox
from chaskiq_whatsapp.sandbox.statuses import tell_status

SILENT = ("reaction", "system")
"""What does not stand among the messages."""


def write(
    sandbox: WhatsAppSandbox, number: Number, person: Person, content: JsonObject, *, answers: str = ""
) -> JsonObject:
    """A message of the customer's, in the Cloud API's own shape; as the webhook tells it."""
    if answers:
        content = {**content, "context": {"from": number.display, "id": answers}}
    person = replace(person, wrote_at=sandbox.now())
    sandbox.people.keep(number.id, person)
    message = sandbox.messages.add(number.id, person.wa_id, content, is_outgoing=False, at=sandbox.now())
    told: JsonObject = {
        **person.as_sender(),
        "id": message.wamid,
        "timestamp": str(int(sandbox.now())),
        **content,
    }
    value: JsonObject = {"contacts": [person.contact()], "messages": [told]}
    sandbox.tell(number, "messages", value, queue=person.wa_id)
    return told


def press(sandbox: WhatsAppSandbox, number: Number, person: Person, wamid: str, option: str) -> JsonObject:
    """A button or a row, by its id, its title or its place."""
    message = outgoing(sandbox, wamid)
    found = next((one for one in options_of(message) if option in (one["id"], one["title"], one["place"])), None)
    if found is None:
        raise CustomerApiError(404, f"the message has no button {option}")
    if message.message["type"] == "template":
        pressed: JsonObject = {"type": "button", "button": {"payload": found["id"], "text": found["title"]}}
    else:
        kind = str(found["kind"])
        reply: JsonObject = {"id": found["id"], "title": found["title"]}
        pressed = {"type": "interactive", "interactive": {"type": kind, kind: reply}}
    return write(sandbox, number, person, pressed, answers=wamid)


def react(sandbox: WhatsAppSandbox, number: Number, person: Person, wamid: str, emoji: str) -> JsonObject:
    """An emoji, or none; WhatsApp leaves it out then."""
    if sandbox.messages.find(wamid) is None:
        raise CustomerApiError(404, "there is no such message")
    sandbox.messages.react(wamid, "customer", emoji)
    reaction: JsonObject = {"message_id": wamid, **({"emoji": emoji} if emoji else {})}
    return write(sandbox, number, person, {"type": "reaction", "reaction": reaction})


def read_all(sandbox: WhatsAppSandbox, number: Number, person: Person) -> None:
    """The customer looks at the chat."""
    for message in sandbox.messages.of_chat(number.id, person.wa_id):
        if message.is_outgoing and message.status in ("sent", "delivered"):
            tell_status(sandbox, number, person, message, "read")


def change_number(sandbox: WhatsAppSandbox, number: Number, person: Person, wa_id: str) -> Person:
    """The customer takes another number; their old one is told of without contacts, as Meta does."""
    if sandbox.people.find(number.id, wa_id) is not None:
        raise CustomerApiError(409, f"{wa_id} is somebody's already")
    moved = sandbox.people.move(number.id, person, wa_id)
    sandbox.messages.move(number.id, person.wa_id, wa_id)
    system: JsonObject = {
        "body": f"User {person.name} changed from {person.wa_id} to {wa_id}",
        "wa_id": wa_id,
        "user_id": moved.user_id,
        "type": "user_changed_number",
    }
    message = sandbox.messages.add(number.id, wa_id, {"type": "system"}, is_outgoing=False, at=sandbox.now())
    told: JsonObject = {
        "from": person.wa_id,
        "id": message.wamid,
        "timestamp": str(int(sandbox.now())),
        "type": "system",
        "system": system,
    }
    sandbox.tell(number, "messages", {"messages": [told]}, queue=person.wa_id)
    return moved


def echo(sandbox: WhatsAppSandbox, number: Number, person: Person, content: JsonObject) -> JsonObject:
    """What the business writes in its own app."""
    message = sandbox.messages.add(number.id, person.wa_id, content, is_outgoing=True, at=sandbox.now())
    told: JsonObject = {
        "from": number.display,
        "to": person.wa_id,
        "to_user_id": person.user_id,
        "id": message.wamid,
        "timestamp": str(int(sandbox.now())),
        **content,
    }
    contact = {name: one for name, one in person.contact().items() if name != "profile"}
    value: JsonObject = {"contacts": [contact], "message_echoes": [told]}
    sandbox.tell(number, "smb_message_echoes", value, queue=person.wa_id)
    return told


def outgoing(sandbox: WhatsAppSandbox, wamid: str) -> Message:
    """A message of the business's."""
    message = sandbox.messages.find(wamid)
    if message is None or not message.is_outgoing:
        raise CustomerApiError(404, "there is no such message of the business's")
    return message


def options_of(message: Message) -> list[dict[str, Json]]:
    """What can be pressed under a message."""
    told = message.message
    if told.get("type") == "template":
        seen = told.get("seen")
        buttons = seen.get("buttons") if isinstance(seen, dict) else None
        found = [
            ("button", str(one.get("payload", "")), str(one["text"]))
            for one in (buttons if isinstance(buttons, list) else [])
            if isinstance(one, dict) and one["type"] == "QUICK_REPLY"
        ]
    else:
        found = _interactive(told.get("interactive"))
    return [
        {"kind": kind, "id": id_, "title": title, "place": str(place)} for place, (kind, id_, title) in enumerate(found)
    ]


def _interactive(told: Json) -> list[tuple[str, str, str]]:
    action = told.get("action") if isinstance(told, dict) else None
    if not isinstance(action, dict):
        return []
    buttons, sections = action.get("buttons"), action.get("sections")
    found: list[tuple[str, str, str]] = []
    for button in buttons if isinstance(buttons, list) else []:
        reply = button.get("reply") if isinstance(button, dict) else None
        if isinstance(reply, dict):
            found.append(("button_reply", str(reply["id"]), str(reply["title"])))
    for section in sections if isinstance(sections, list) else []:
        rows = section.get("rows") if isinstance(section, dict) else None
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict):
                found.append(("list_reply", str(row["id"]), str(row["title"])))
    return found
