"""Every act of the desk, used once or more, as a story; what it leaves behind, without ids and times."""

from datetime import UTC, datetime, timedelta

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.desk import dead_letters, integrations, media, people, replay, staff
from chaskiq_core.errors import RetryLaterError, UnknownOutcomeError
from tests.harness.house import House, a_message, let_jobs_be_due
from tests.harness.wait import until


async def play_desk(house: House) -> list[object]:
    """Use every act; what each returned and what is there at the end, comparable between two houses."""
    ann = house.ann
    seen: list[object] = []
    [admin] = [agent for agent in await ann.read(staff.list_agents) if agent.role == "admin"]
    conversation = await house.customer_writes("Hello?")
    seen += [(await ann.write(desk.assign, conversation.key, agent_id=admin.id)).state]
    seen += [(await ann.write(desk.assign, conversation.key, agent_id=None)).assignee]
    for private_note in (False, True):
        replied = await ann.write(
            desk.reply,
            conversation.key,
            content=document_from_text(f"note: {private_note}"),
            private_note=private_note,
            client_id=f"id {private_note}",
        )
        seen += [(replied.is_new, replied.part.text, replied.part.seq)]
        await house.quiet()  # else it may leave as it was, or as it is edited
        edited = await ann.write(
            desk.edit, conversation.key, replied.part.key, content=document_from_text(f"edited {private_note}")
        )
        seen += [(edited.text, edited.edited_at is not None)]
        if private_note:
            await ann.write(desk.delete, conversation.key, replied.part.key)
    await ann.write(desk.typing, conversation.key)
    async with house.chaskiq.files.draft(max_bytes=100) as draft:
        await draft.write(b"\x89PNG\r\n\x1a\n")
        stored = await house.chaskiq.files.keep(draft, "a.png")
    file = await ann.write(media.upload, stored)
    seen += [(await ann.read(media.medium, file.id)).filename]
    noted = await ann.write(desk.reply, conversation.key, attachments=(file.id,), private_note=True)
    seen += [(noted.part.attachments[0]["type"], noted.part.attachments[0]["state"])]
    await house.quiet()
    seen += [(await ann.write(act, conversation.key)).state for act in (desk.close, desk.close, desk.reopen)]
    later = datetime.now(UTC) + timedelta(days=1)
    seen += [(await ann.write(desk.snooze, conversation.key, until=later)).state]
    seen += [(await ann.write(desk.reopen, conversation.key)).state]
    await house.system.write(let_jobs_be_due)
    await house.quiet()
    contact = await ann.write(people.add_contact, name="Carl", email="carl@example.org", properties={"vip": True})
    changed = await ann.write(people.change_contact, contact.id, {"phone": "+49 30 1", "properties": {"vip": None}})
    seen += [(changed.name, changed.email, changed.phone, changed.properties)]
    seen += [(await ann.read(people.contact, contact.id)).name]
    started = await ann.write(desk.start, contact.id, content=document_from_text("Welcome"), subject="Hi")
    seen += [(started.subject, started.assignee.name if started.assignee else None)]
    mine = conversation.main_participant.id
    outbound = await ann.write(
        desk.start, mine, integration_id=house.integration, content=document_from_text("News for you")
    )
    await house.quiet()
    seen += [len(outbound.channels)]

    house.tiny.outbox.faults.extend([UnknownOutcomeError("reset"), UnknownOutcomeError("reset")])
    lost = [await house.reply(outbound.key, text) for text in ("one", "two")]
    await house.quiet()
    listed = await ann.read(dead_letters.deliveries, state="unknown")
    by_part = {one.part_key: one.delivery.id for one in listed.items}
    seen += [(await ann.write(dead_letters.confirm, by_part[lost[0].key])).delivery.state]
    seen += [(await ann.write(dead_letters.retry, by_part[lost[1].key])).delivery.state]
    await house.quiet()
    view = await ann.write(integrations.decide_unknown, house.integration, on_unknown="resend")
    seen += [view.on_unknown]
    house.tiny.outbox.faults.append(RetryLaterError("not for an hour", retry_after_seconds=3600))
    waits = await house.reply(outbound.key, "never")

    async def was_asked() -> bool:
        if house.tiny.outbox.faults:
            return False  # asked first: what is queued then was refused, not waiting for its first try
        return bool((await ann.read(dead_letters.deliveries, state="queued")).items)

    await until(was_asked)
    seen += [waits.seq]
    queued = (await ann.read(dead_letters.deliveries, state="queued")).items
    seen += [(await ann.write(dead_letters.cancel, one.delivery.id)).delivery.state for one in queued]
    await house.post(a_message(9, "bad", poison=True))
    await house.quiet()
    [failed] = (await ann.read(dead_letters.inbound)).items
    seen += [(await ann.read(dead_letters.webhook, failed.id)).provider]
    await ann.write(dead_letters.replay, failed.id)
    await house.quiet()
    begun = await ann.write(replay.replay_span, since=datetime(2026, 1, 1, tzinfo=UTC), state="all")
    await house.quiet()
    done = await ann.read(replay.replay_progress, begun.id)
    seen += [(done.state, done.replayed)]

    sealed = house.chaskiq.seal_settings("tiny", {"name": "second"}, hook_token="second")
    second = (await ann.write(integrations.add, sealed, name="Second")).view.id
    await house.quiet()
    seen += [(await ann.read(integrations.integration, second)).state]
    seen += [(await ann.read(integrations.calls, second)).next]
    await ann.write(integrations.change, second, sealed)
    await house.quiet()
    seen += [(await ann.write(act, second)).state for act in (
        integrations.pause_integration, integrations.resume_integration)]  # fmt: skip
    await ann.write(integrations.remove, second)
    seen += [[one.name for one in await ann.read(integrations.integrations)]]

    await ann.write(staff.create_token, admin.id)
    [token] = await ann.read(staff.list_tokens)
    await ann.write(staff.revoke_token, str(token.id))
    seen += [[one.revoked for one in await ann.read(staff.list_tokens)]]
    for one in (await ann.read(desk.inbox)).items:
        shown = await ann.read(desk.show, one.key)
        seen += [(shown.state, shown.unread_count, shown.version)]
        seen += [
            [(part.seq, part.text, part.event.action if part.event else None, [d.state for d in part.deliveries])
             for part in (await ann.read(desk.parts, one.key, limit=100)).items]
        ]  # fmt: skip
    seen += [person.name for person in (await ann.read(people.contacts)).items]
    seen += [[piece.text for piece in house.tiny.outbox.sent]]
    return seen
