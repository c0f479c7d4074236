"""Asking a provider who a contact is, of whom it told no more than an id."""

import logging

from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.conversations.naming import name_contact
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job
from chaskiq_core.errors import (
    NotFoundError,
    PluginError,
    RetryLaterError,
    SendError,
    SettingsError,
    UnknownOutcomeError,
)
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.model import AppUser
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.events import Sender
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

log = logging.getLogger("chaskiq.errands")


class FetchProfile:
    """The errand of profile jobs."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        try:
            channel, integration = await self._integrations.by_id(
                acting.app_id, IntegrationId(int(job.text("integration")))
            )
            told = await self._host.fetch_profile(channel, job.text("sender"), integration)
        except (RetryLaterError, UnknownOutcomeError):
            raise
        except (SendError, PluginError, NotFoundError, SettingsError) as error:
            log.info("a contact stays an id: %s", error)
            await acting.write(fail_job, lane, job.id, str(error))
            return
        name, email, phone = told.name, told.email, told.phone
        given = (job.text("conversation"), job.text("person"), job.text("sender"))
        await acting.write(keep_profile, lane, job.id, given, name=name, email=email, phone=phone)


def keep_profile(
    unit: Unit,
    lane: ClaimedLane,
    job_id: int,
    given: tuple[str, str, str],
    *,
    name: str,
    email: str | None,
    phone: str | None,
) -> None:
    """What the provider told, in the conversation, for the person, of that id."""
    conversation_key, person_key, sender_id = given
    dialogue = lock_dialogue(unit, conversation_key)
    found = unit.lock(unit.select(AppUser).where(AppUser.key == person_key))
    for person in found:
        known = dialogue.person if person.id == dialogue.person.id else person
        name_contact(unit, dialogue, known, Sender(id=sender_id, name=name, email=email, phone=phone))
    finish_job(unit, lane, job_id)
