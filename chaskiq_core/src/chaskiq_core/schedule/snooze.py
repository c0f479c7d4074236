"""The time of a snoozed conversation has come."""

from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.effects import Reopen
from chaskiq_core.errands.jobs import DueJob, finish_job
from chaskiq_core.model import ConversationState
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit


class WakeSnoozed:
    """The errand of conversations that were put aside."""

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        await acting.write(wake, lane, job.id, job.text("conversation"), job.text("until"))


def wake(unit: Unit, lane: ClaimedLane, job_id: int, conversation_key: str, until: str) -> None:
    """Open it again, if it still waits for this time."""
    dialogue = lock_dialogue(unit, conversation_key)
    conversation = dialogue.conversation
    waits_for = conversation.snoozed_until
    if conversation.state is ConversationState.SNOOZED and waits_for is not None and waits_for.isoformat() == until:
        perform(unit, dialogue, [Reopen()])
        unit.flush()
    finish_job(unit, lane, job_id)
