"""How far a message to a customer got, told to the webhook: forward only, failed at the end."""

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_whatsapp.sandbox.errors import GraphError
from chaskiq_whatsapp.sandbox.memory.messages import Message
from chaskiq_whatsapp.sandbox.memory.numbers import Number
from chaskiq_whatsapp.sandbox.memory.people import Person
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox

RANKS = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4, "failed": 5}


def tell_status(
    sandbox: WhatsAppSandbox,
    number: Number,
    person: Person,
    message: Message,
    word: str,
    *,
    error: GraphError | None = None,
) -> None:
    """The message is so far now; a status that is no news says nothing."""
    if RANKS[word] <= RANKS[sandbox.messages.require(message.wamid).status]:
        return
    sandbox.messages.set_status(message.wamid, word)
    told: JsonObject = {
        "id": message.wamid,
        "status": word,
        "timestamp": str(int(sandbox.now())),
        "recipient_user_id": person.user_id,
    }
    if not person.hides_phone:
        told["recipient_id"] = person.wa_id
    if key := message.message.get("biz_opaque_callback_data"):
        told["biz_opaque_callback_data"] = key
    if error is not None:
        told["errors"] = [error.in_status]
    content: JsonObject = {"statuses": [told]}
    if error is None:
        content["contacts"] = [{name: one for name, one in person.contact().items() if name != "profile"}]
    sandbox.tell(number, "messages", content, queue=person.wa_id)
