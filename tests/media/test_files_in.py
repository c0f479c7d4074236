"""A file that came in: shown as pending at once, fetched after it, ready as what it is, or failed."""

from collections.abc import AsyncIterator

import pytest

from chaskiq_core import desk
from chaskiq_core.conversations.dialogue import lock_dialogues
from chaskiq_core.conversations.edit import delete_part
from chaskiq_core.model import ConversationPart
from chaskiq_core.plugin import ContentError, PartView, ReauthError, RetryLaterError, UnknownOutcomeError
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import House, a_house, a_message, let_jobs_be_due
from tests.harness.rich_channel import PNG, RichChannel
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

HTML = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture
def channel() -> RichChannel:
    return RichChannel()


@pytest.fixture
async def house(database: Database, channel: RichChannel) -> AsyncIterator[House]:
    async with a_house(database, tiny=channel, max_media_bytes=1_000) as house:
        yield house


async def the_part(house: House) -> PartView:
    [part] = await house.parts((await house.conversation()).key)
    return part


async def settled(house: House) -> PartView:
    """The part once nothing is left to do; waits for a retry are over at once."""
    await house.quiet(each=lambda: house.system.write(let_jobs_be_due))
    return await the_part(house)


async def test_the_part_is_there_before_its_file(database: Database, channel: RichChannel) -> None:
    channel.asked.files["f"] = [PNG]
    async with a_house(database, tiny=channel, workers=False) as house:
        await house.post(a_message(1, "Look", file="f"))
        await house.take_in()

        part = await the_part(house)

    assert part.text == "Look"
    assert [(one["state"], one["url"], one["filename"]) for one in part.attachments] == [("pending", None, "photo.png")]


async def test_a_file_is_fetched_and_can_be_had_under_its_address(house: House, channel: RichChannel) -> None:
    channel.asked.files["f"] = [PNG]

    await house.post(a_message(1, "Look", file="f"))
    await house.quiet()

    [file] = (await the_part(house)).attachments
    assert (file["state"], file["type"], file["mime"], file["size"]) == ("ready", "image", "image/png", len(PNG))
    signed = str(file["url"]).rpartition("/")[2]
    key = house.chaskiq.media_links.key_of(house.app_key, signed, now=(await the_part(house)).created_at)
    assert house.chaskiq.files.path_of(key).read_bytes() == PNG


async def test_a_fetch_that_fails_twice_works_the_third_time(house: House, channel: RichChannel) -> None:
    channel.asked.files["f"] = [RetryLaterError("away"), UnknownOutcomeError("cut off"), PNG]

    await house.post(a_message(1, "Look", file="f"))

    assert [one["state"] for one in (await settled(house)).attachments] == ["ready"]


@pytest.mark.parametrize("error", [RetryLaterError("away"), ReauthError("the token is not valid"), RuntimeError("bug")])
async def test_a_file_that_can_t_be_had_for_long_is_shown_as_failed(
    house: House, channel: RichChannel, error: Exception
) -> None:
    channel.asked.files["f"] = [error]

    await house.post(a_message(1, "Look", file="f"))

    assert [(one["state"], one["url"]) for one in (await settled(house)).attachments] == [("failed", None)]


async def test_a_file_that_the_provider_refuses_is_not_asked_for_again(house: House, channel: RichChannel) -> None:
    channel.asked.files["f"] = [ContentError("the file is too big"), PNG]

    await house.post(a_message(1, "Look", file="f"))
    await house.quiet()

    assert [one["state"] for one in (await the_part(house)).attachments] == ["failed"]
    assert channel.asked.files["f"] == [PNG]


async def test_a_file_over_the_limit_is_given_up_and_leaves_nothing(house: House, channel: RichChannel) -> None:
    channel.asked.files["f"] = [PNG + bytes(2_000)]

    await house.post(a_message(1, "Look", file="f"))
    await house.quiet()

    assert [one["state"] for one in (await the_part(house)).attachments] == ["failed"]
    assert house.files_on_disk() == []


@pytest.mark.parametrize(
    ("lie", "kind", "mime"),
    [
        (HTML, "image", "application/octet-stream"),
        (SVG, "image", "application/octet-stream"),
        (b"", "image", "application/octet-stream"),
        (b"MZ not a picture", "file", "application/x-msdownload"),
        (b"%PDF-1.7", "file", "application/pdf"),
        (b"OggS\x00\x02", "audio", "audio/ogg"),
    ],
)
async def test_a_file_that_lies_about_its_type_is_shown_as_no_picture(
    house: House, channel: RichChannel, lie: bytes, kind: str, mime: str
) -> None:
    channel.asked.files["f"] = [lie]

    await house.post(a_message(1, "Look", file="f"))
    await house.quiet()

    [file] = (await the_part(house)).attachments
    assert (file["type"], file["mime"]) == (kind, mime)


async def test_an_edited_caption_keeps_the_file_that_was_fetched(house: House, channel: RichChannel) -> None:
    channel.asked.files["f"] = [PNG, RuntimeError("asked twice")]
    await house.post(a_message(1, "Look", file="f"))
    await house.quiet()

    await house.post(a_message(2, "Look here", edit=1, file="f"))
    await house.quiet()

    part = await the_part(house)
    assert (part.text, [one["state"] for one in part.attachments]) == ("Look here", ["ready"])
    assert len(house.files_on_disk()) == 1


async def test_an_edit_that_brings_another_file_fetches_it(house: House, channel: RichChannel) -> None:
    channel.asked.files |= {"f": [PNG], "g": [PNG + b"other"]}
    await house.post(a_message(1, "Look", file="f"))
    await house.quiet()

    await house.post(a_message(2, "Look", edit=1, file="g"))
    await house.quiet()

    [file] = (await the_part(house)).attachments
    assert (file["state"], file["size"]) == ("ready", len(PNG) + 5)


async def test_a_file_that_an_edit_replaces_while_it_is_fetched_is_not_shown(
    house: House, channel: RichChannel
) -> None:
    channel.asked.files |= {"f": [PNG], "g": [PNG + b"other"]}

    async def replaced() -> None:
        await house.post(a_message(2, "Look", edit=1, file="g"))
        await until(lambda: edited(house))

    channel.asked.meanwhile = replaced
    await house.post(a_message(1, "Look", file="f"))
    await house.quiet()

    [file] = (await the_part(house)).attachments
    assert (file["state"], file["size"]) == ("ready", len(PNG) + 5)
    assert len(house.files_on_disk()) == 1


async def edited(house: House) -> bool:
    return (await the_part(house)).edited_at is not None


async def test_a_part_that_is_deleted_while_its_file_is_fetched_shows_none(house: House, channel: RichChannel) -> None:
    channel.asked.files["f"] = [RetryLaterError("away"), PNG]
    await house.post(a_message(1, "Look", file="f"))
    await until(lambda: asked_once(channel))
    part = await the_part(house)

    await house.system.write(delete, part.key)
    await house.quiet(each=lambda: house.system.write(let_jobs_be_due))

    assert (await the_part(house)).attachments == ()
    assert house.files_on_disk() == []


async def asked_once(channel: RichChannel) -> bool:
    return len(channel.asked.files["f"]) == 1


def delete(unit: Unit, part_key: str) -> None:
    [part] = unit.all(unit.select(ConversationPart).where(ConversationPart.key == part_key))
    [dialogue] = lock_dialogues(unit, [part.conversation_id])
    delete_part(unit, dialogue, part)


async def test_a_message_that_comes_twice_is_fetched_once(house: House, channel: RichChannel) -> None:
    channel.asked.files["f"] = [PNG]

    for _ in range(2):
        await house.post(a_message(1, "Look", file="f"))
        await house.quiet()

    assert len(house.files_on_disk()) == 1
    assert len((await house.ann.read(desk.inbox)).items) == 1
