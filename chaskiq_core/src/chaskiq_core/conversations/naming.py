"""Who a contact is, where the provider told no more than an id: asked once, by a Job; what we know better stays."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.mirrors import show_in_mirrors
from chaskiq_core.conversations.show import load_conversations
from chaskiq_core.model import AppUser
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.events import Sender
from chaskiq_core.presenters.conversations import publish_state
from chaskiq_core.store.unit import Unit

PROFILE_JOB = "profile"
MAX_NAME = 200


def ask_who(unit: Unit, dialogue: Dialogue, person: AppUser, sender_id: str, *, integration_id: IntegrationId) -> None:
    """A Job that asks the provider for somebody's name."""
    unit.enqueue(
        PROFILE_JOB,
        f"{PROFILE_JOB}/{integration_id}/{person.key}",
        {
            "integration": integration_id,
            "conversation": dialogue.conversation.key,
            "person": person.key,
            "sender": sender_id,
        },
        integration_id=integration_id,
    )


def name_contact(unit: Unit, dialogue: Dialogue, person: AppUser, told: Sender) -> None:
    """The contact has the name and the address that the provider tells, where we had none."""
    if person.name == told.id and told.name.strip():
        person.name = told.name.strip()[:MAX_NAME]
    person.email = person.email or told.email
    person.phone = person.phone or told.phone
    unit.flush()
    [rows] = load_conversations(unit, [dialogue.conversation], dialogue=dialogue)
    publish_state(unit, rows)
    show_in_mirrors(unit, dialogue)
