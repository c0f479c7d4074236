"""Mails are fetched by IMAP: what is new, each once, however often the folder is looked at."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chaskiq_core.plugin import AccountError, Polled, ReauthError, RetryLaterError
from chaskiq_email import EmailSettings, channel
from chaskiq_email.poll import MAX_BYTES, MAX_MAILS, Cursor
from chaskiq_email.sandbox import Addresses, running_sandbox
from chaskiq_plugins.email.tests.email_mails import SECRET, US, a_mail, message
from chaskiq_plugins.email.tests.email_server import context_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sandbox() -> AsyncIterator[Addresses]:
    async with running_sandbox(password="right") as addresses:
        yield addresses


def settings_of(sandbox: Addresses, **more: object) -> EmailSettings:
    given = {
        "from_address": US,
        "smtp_host": "127.0.0.1",
        "smtp_port": sandbox.smtp_port,
        "smtp_tls": "none",
        "smtp_username": US,
        "smtp_password": "right",
        "inbound_secret": SECRET,
        "imap_host": "127.0.0.1",
        "imap_port": sandbox.imap_port,
        "imap_tls": "none",
        **more,
    }
    return EmailSettings.model_validate(given)


async def put(sandbox: Addresses, *bodies: bytes) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url, timeout=20) as client:
        for body in bodies:
            await client.post(f"/sandbox/raw?to={US}", content=body)


async def poll(sandbox: Addresses, cursor: str, **more: object) -> Polled:
    polled = await channel.poll(cursor, context_of(settings_of(sandbox, **more)))
    assert polled is not None
    return polled


async def test_what_is_old_is_left_and_what_is_new_comes_once_and_in_order(sandbox: Addresses) -> None:
    await put(sandbox, a_mail("old").as_bytes())
    first = await poll(sandbox, "")
    assert first.requests == ()
    await put(sandbox, *(a_mail(text).as_bytes() for text in ("one", "two")))
    second = await poll(sandbox, first.cursor)
    assert [message(request.body).text for request in second.requests] == ["one", "two"]
    assert not second.more
    assert (await poll(sandbox, second.cursor)).requests == ()
    again = await poll(sandbox, first.cursor)
    assert [request.body for request in again.requests] == [request.body for request in second.requests]


async def test_many_come_in_several_looks(sandbox: Addresses) -> None:
    cursor = (await poll(sandbox, "")).cursor
    await put(sandbox, *(a_mail(str(n)).as_bytes() for n in range(MAX_MAILS + 2)))
    first = await poll(sandbox, cursor)
    assert (len(first.requests), first.more) == (MAX_MAILS, True)
    second = await poll(sandbox, first.cursor)
    assert (len(second.requests), second.more) == (2, False)


async def test_a_folder_that_was_numbered_anew_is_read_from_the_day_before(sandbox: Addresses) -> None:
    await put(sandbox, a_mail("one").as_bytes())
    cursor = Cursor.read((await poll(sandbox, "")).cursor)
    assert cursor is not None
    other = Cursor(validity=cursor.validity + 1, uid=99, day=cursor.day)
    assert [message(one.body).text for one in (await poll(sandbox, str(other))).requests] == ["one"]


async def test_a_mail_that_is_too_large_comes_as_far_as_it_goes(sandbox: Addresses) -> None:
    cursor = (await poll(sandbox, "")).cursor
    mail = a_mail("see the film")
    mail.add_attachment(b"x" * (MAX_BYTES + 1), maintype="video", subtype="mp4", filename="film.mp4")
    await put(sandbox, mail.as_bytes())
    [request] = (await poll(sandbox, cursor)).requests
    assert len(request.body) < 10_000_000
    told = message(request.body)
    assert told.text.strip() == "see the film"
    assert [one.unavailable for one in told.attachments] == [True]


async def test_without_a_server_nothing_is_polled(sandbox: Addresses) -> None:
    assert await channel.poll("", context_of(settings_of(sandbox, imap_host=None))) is None


async def test_what_goes_wrong_is_told_apart(sandbox: Addresses) -> None:
    for more, kind in (
        ({"imap_password": "wrong"}, ReauthError),
        ({"imap_folder": "Elsewhere"}, AccountError),
        ({"imap_port": 1}, RetryLaterError),
    ):
        with pytest.raises(kind):
            await poll(sandbox, "", **more)
    [_, _, receiving] = await channel.health(context_of(settings_of(sandbox, imap_password="wrong")), "")
    assert not receiving.ok
    assert "imap_host" in receiving.fix


@pytest.mark.parametrize("text", ["", "x", "1:2", "1:x:2026-01-01", "1:2:yesterday"])
def test_a_cursor_that_is_none_is_the_beginning(text: str) -> None:
    assert Cursor.read(text) is None
