"""Invariant 5: a private note reaches nobody but agents: not the channel, not the contact's stream, not by a quote."""

import json

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.desk import media
from chaskiq_core.errors import InvalidError
from chaskiq_core.model import AppUser
from chaskiq_core.presenters.parts import CONTACT_FIELDS
from chaskiq_core.realtime.streams import EVENTS_STREAM, contact_stream
from chaskiq_core.store.changes import read_changes
from chaskiq_core.store.unit import Unit
from tests.harness.house import House
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

SECRET = "He is the boss's friend"


async def test_a_note_is_on_the_agents_stream_and_on_no_other(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    note = await house.reply(conversation.key, SECRET, private_note=True)
    await house.reply(conversation.key, "Welcome back")
    await house.quiet()
    session = await house.system.read(session_of)

    agents: list[dict[str, object]] = []

    async def told() -> bool:
        found = await house.system.read(read_changes, EVENTS_STREAM)
        agents[:] = [dict(change.payload) for change in found]
        return SECRET in json.dumps(agents)

    await until(told)
    contact = json.dumps(
        [dict(change.payload) for change in await house.system.read(read_changes, contact_stream(session))]
    )
    assert "Welcome back" in contact
    assert SECRET not in contact
    assert note.key not in contact
    assert house.tiny.outbox.sent[-1].text == "Welcome back"
    assert SECRET not in str(house.tiny.outbox.attempts)


async def test_a_note_s_file_and_its_former_texts_stay_inside(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    async with house.chaskiq.files.draft(max_bytes=100) as draft:
        await draft.write(SECRET.encode())
        stored = await house.chaskiq.files.keep(draft, "secret.txt")
    file = await house.ann.write(media.upload, stored)
    noted = await house.ann.write(
        desk.reply, conversation.key, content=document_from_text(SECRET), attachments=(file.id,), private_note=True
    )
    await house.ann.write(desk.edit, conversation.key, noted.part.key, content=document_from_text("harmless"))
    reply = await house.reply(conversation.key, "first")
    await house.ann.write(desk.edit, conversation.key, reply.key, content=document_from_text("second"))
    await house.quiet()

    session = await house.system.read(session_of)
    told = [dict(change.payload) for change in await house.system.read(read_changes, contact_stream(session))]
    contact = json.dumps(told)

    assert "second" in contact
    assert all("former" not in json.dumps(payload["data"]) for payload in told)
    for secret in (SECRET, file.id, "secret.txt", "harmless", noted.part.key):
        assert secret not in contact
        assert secret not in str(house.tiny.outbox.attempts)


async def test_what_a_contact_sees_has_no_number_that_would_tell_of_a_note(house: House) -> None:
    await house.customer_writes("Hello?")
    session = await house.system.read(session_of)
    seen: list[dict[str, object]] = []

    async def told() -> bool:
        changes = await house.system.read(read_changes, contact_stream(session))
        seen[:] = [dict(change.payload) for change in changes]
        return bool(seen)

    await until(told)
    for payload in seen:
        data = payload["data"]
        assert isinstance(data, dict)
        assert data.keys() <= {*CONTACT_FIELDS, "conversation_key"}
        assert not data.keys() & {"seq", "deliveries", "sources", "private_note"}


async def test_a_note_can_t_be_quoted_where_the_contact_sees_it(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    note = await house.reply(conversation.key, SECRET, private_note=True)

    with pytest.raises(InvalidError, match="private note"):
        await house.ann.write(desk.reply, conversation.key, content=document_from_text("see above"), reply_to=note.key)

    answered = await house.ann.write(
        desk.reply,
        conversation.key,
        content=document_from_text("I agree"),
        reply_to=note.key,
        private_note=True,
    )
    assert answered.part.reply_to == note.key


def session_of(unit: Unit) -> str:
    [person] = unit.all(unit.select(AppUser))
    return person.session_id
