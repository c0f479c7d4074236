"""`POST /{number}/messages`: a message accepted, a message marked read, somebody typing."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_whatsapp.sandbox.errors import GraphError
from chaskiq_whatsapp.sandbox.faults import Fault
from chaskiq_whatsapp.sandbox.graph.contents import check_content
from chaskiq_whatsapp.sandbox.graph.reading import object_of, word_of
from chaskiq_whatsapp.sandbox.graph.templating import check_template
from chaskiq_whatsapp.sandbox.memory.messages import Message
from chaskiq_whatsapp.sandbox.memory.numbers import Number
from chaskiq_whatsapp.sandbox.memory.people import Person
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox
from chaskiq_whatsapp.sandbox.statuses import tell_status

PAIR_SECONDS = 6.0
PAIR_BURST = 45
MAX_CALLBACK_DATA = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What was accepted, with the answer to it."""

    answer: JsonObject
    wamid: str = ""


def take_message(sandbox: WhatsAppSandbox, number: Number, body: JsonObject, fault: Fault | None = None) -> Accepted:
    """Check, keep, answer, and tell how far it got; `fault` may make it fail after it was accepted."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    if body.get("status") is not None:
        return _mark_read(sandbox, number, body)
    person, given = _recipient(sandbox, number, body)
    data = body.get("biz_opaque_callback_data")
    if data is not None and (not isinstance(data, str) or len(data) > MAX_CALLBACK_DATA):
        raise GraphError(100, f"Param biz_opaque_callback_data must be at most {MAX_CALLBACK_DATA} characters long")
    kind = str(body.get("type") or "text")
    content = (
        check_template(sandbox, number.waba_id, body) if kind == "template" else check_content(sandbox, kind, body)
    )
    is_open = kind == "template" or sandbox.is_open(person)
    if not is_open and sandbox.options["refuse_outside_window"]:
        raise GraphError(131047)
    _keep_pace(sandbox, number, person)
    if isinstance(body.get("context"), dict):
        content["context"] = {"id": object_of(body, "context").get("message_id")}
    if data:
        content["biz_opaque_callback_data"] = data
    message = _keep(sandbox, number, person, kind, content)
    failure = _failure(fault, person, is_open=is_open)
    if failure is not None:
        tell_status(sandbox, number, person, message, "failed", error=failure)
    elif sandbox.options["auto_deliver"]:
        tell_status(sandbox, number, person, message, "sent")
        if kind != "reaction":
            tell_status(sandbox, number, person, message, "delivered")
    contact: JsonObject = {"input": given, "user_id": person.user_id}
    if not person.hides_phone:
        contact["wa_id"] = person.wa_id
    told: JsonObject = {"id": message.wamid}
    if kind == "template":
        told["message_status"] = "accepted"
    answer: JsonObject = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [told]}
    return Accepted(answer=answer, wamid=message.wamid)


def _recipient(sandbox: WhatsAppSandbox, number: Number, body: JsonObject) -> tuple[Person, str]:
    """Who is written to, and how the caller named them; `to` wins."""
    if (kind := body.get("recipient_type", "individual")) != "individual":
        raise GraphError(131009, f"recipient_type {kind!r}: the sandbox has no groups")
    to, user_id = word_of(body.get("to")), word_of(body.get("recipient"))
    if to:
        digits = "".join(character for character in to if character.isdigit())
        if not 5 <= len(digits) <= 20:
            raise GraphError(131009, f"Recipient phone number {to} is not valid")
        if digits == number.display:
            raise GraphError(131021)
        return sandbox.people.add(number.id, digits), to
    if not user_id:
        raise GraphError(131008, "Parameter 'to' is mandatory")
    person = sandbox.people.find(number.id, user_id)
    if person is None or person.user_id != user_id:
        raise GraphError(131026)
    return person, user_id


def _keep(sandbox: WhatsAppSandbox, number: Number, person: Person, kind: str, content: JsonObject) -> Message:
    message = sandbox.messages.add(number.id, person.wa_id, content, is_outgoing=True, at=sandbox.now())
    if kind == "reaction":
        told = object_of(content, "reaction")
        sandbox.messages.react(str(told["message_id"]), "business", str(told["emoji"]))
    sandbox.news.ring()
    return message


def _failure(fault: Fault | None, person: Person, *, is_open: bool) -> GraphError | None:
    if fault is not None and fault.kind == "fail":
        return GraphError(fault.code, fault.description or "")
    if person.is_blocked:
        return GraphError(131026)
    return None if is_open else GraphError(131047)


def _keep_pace(sandbox: WhatsAppSandbox, number: Number, person: Person) -> None:
    """One in six seconds, with a burst that is paid back."""
    if not sandbox.options["enforce_limits"]:
        return
    pair, now = (number.id, person.wa_id), sandbox.now()
    used_until = max(sandbox.used.get(pair, 0.0), now) + PAIR_SECONDS
    if used_until - now > PAIR_BURST * PAIR_SECONDS:
        raise GraphError(131056)
    sandbox.used[pair] = used_until


def _mark_read(sandbox: WhatsAppSandbox, number: Number, body: JsonObject) -> Accepted:
    """The customer's message, and all before it, get their blue ticks; perhaps somebody types."""
    message = sandbox.messages.find(word_of(body.get("message_id")))
    if body["status"] != "read" or message is None or message.is_outgoing:
        raise GraphError(131009, "Message ID does not exist")
    for one in sandbox.messages.of_chat(number.id, message.chat):
        if not one.is_outgoing:
            sandbox.messages.set_status(one.wamid, "read")
        if one.wamid == message.wamid:
            break
    if "typing_indicator" in body:
        sandbox.typing[(number.id, message.chat)] = sandbox.now() + 25.0
    sandbox.news.ring()
    return Accepted(answer={"success": True})
