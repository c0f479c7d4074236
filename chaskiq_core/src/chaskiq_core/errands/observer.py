"""Calling an observer: it is shown what happened, and its effects are carried out under the job's name."""

import logging
from dataclasses import dataclass, replace

from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import find_part, lock_dialogue
from chaskiq_core.conversations.queries import find_conversation
from chaskiq_core.conversations.show import show_conversations, show_parts
from chaskiq_core.effects import AddPart, Effect, SetField
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job
from chaskiq_core.errors import NotFoundError, PluginError, RefusalError
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Registry
from chaskiq_core.people.queries import find_person, load_profiles
from chaskiq_core.plugin.hookspecs import ObserverContext
from chaskiq_core.plugin.views import AppUserView, ConversationView, PartView
from chaskiq_core.presenters.people import present_app_user
from chaskiq_core.staff.apps import find_app
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an observer is given."""

    app_key: str
    conversation: ConversationView
    part: PartView | None
    person: AppUserView | None


class CallObserver:
    """The errand of observer jobs."""

    def __init__(self, registry: Registry, host: Host) -> None:
        self._registry = registry
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        plugin, hook = job.text("plugin"), job.text("hook")
        observer = self._registry.observers.get(plugin)
        if observer is None or hook not in observer.hooks:
            await acting.write(fail_job, lane, job.id, f"plugin {plugin} is not installed any more")
            return
        shown = await acting.read(show_subject, hook, job.text("conversation"), job.text("subject"))
        context = ObserverContext(
            app_key=shown.app_key, plugin=plugin, log=logging.getLogger(f"chaskiq.plugin.{plugin}")
        )
        given: dict[str, object] = {"conversation": shown.conversation}
        if shown.part is not None:
            given["part"] = shown.part
        if shown.person is not None:
            given["person"] = shown.person
        effects = await self._host.observe(observer, hook, context=context, **given)
        if hook == "contact_created" and any(not isinstance(effect, SetField) for effect in effects):
            raise PluginError(f"plugin {plugin}: contact_created may return SetField only")
        try:
            await acting.write(carry_out, lane, job.id, job.key, job.text("conversation"), plugin, effects)
        except RefusalError as error:
            await acting.write(fail_job, lane, job.id, f"plugin {plugin}: {error}")


def show_subject(unit: Unit, hook: str, conversation_key: str, subject: str) -> Shown:
    """What happened, as views."""
    conversation = find_conversation(unit, conversation_key)
    [view] = show_conversations(unit, [conversation])
    part = person = None
    if hook == "part_added":
        found = find_part(unit, conversation, subject)
        if found is None:
            raise NotFoundError(f"no part {subject} in conversation {conversation_key}")
        [part] = show_parts(unit, [found])
    if hook == "contact_created":
        contact = find_person(unit, subject)
        person = present_app_user(contact, load_profiles(unit, [contact])[contact.id])
    return Shown(app_key=find_app(unit).key, conversation=view, part=part, person=person)


def carry_out(
    unit: Unit,
    lane: ClaimedLane,
    job_id: int,
    job_key: str,
    conversation_key: str,
    plugin: str,
    effects: tuple[Effect, ...],
) -> None:
    """The effects, once: the job is finished in the same transaction, and each part carries the job's key."""
    dialogue = lock_dialogue(unit, conversation_key)
    named = [
        replace(effect, client_id=f"{job_key}/{n}") if isinstance(effect, AddPart) else effect
        for n, effect in enumerate(effects)
    ]
    perform(unit, dialogue, named, by_plugin=plugin)
    unit.flush()
    finish_job(unit, lane, job_id)
