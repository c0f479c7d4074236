"""Files that come in: their bytes, and never the token to a stranger."""

import httpx
import pytest

from chaskiq_core.plugin import Attachment, ContentError, ReauthError, RetryLaterError, SendError
from chaskiq_plugins.slack.tests.slack_provider import Answer, Kept, no, ok, scripted
from chaskiq_slack import channel

pytestmark = pytest.mark.anyio

FILE = Attachment(type="file", provider_file_id="F1")
URL = "https://files.slack.com/files-pri/T1-F1/download/a.pdf"


def info(**more: object) -> httpx.Response:
    return ok(file={"id": "F1", "url_private_download": URL, "mimetype": "application/pdf", "size": 3, **more})


async def test_a_file_is_fetched_with_the_token() -> None:
    kept = Kept()
    async with scripted(info(), httpx.Response(200, content=b"pdf")) as (script, context):
        await channel.fetch_media(FILE, kept, context)

    assert kept.bytes == b"pdf"
    assert script.asked[0] == ("files.info", {"file": "F1"})
    assert str(script.requests[1].url) == URL
    assert script.requests[1].headers["authorization"] == "Bearer xoxb-1-tests"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.pdf",
        "https://slack.com.evil.example/a.pdf",
        "https://evilslack.com/a.pdf",
        "https://files.slack.com@evil.example/a.pdf",
        "https://evil.example#.slack.com",
        "http://files.slack.com/a.pdf",
        "https://files.slack.com:444/a.pdf",
        "https://files.slack.com:x/a.pdf",
        "file:///etc/passwd",
        "https://[",
        "/a.pdf",
    ],
)
async def test_the_token_goes_to_slack_only(url: str) -> None:
    async with scripted(info(url_private_download=url), httpx.Response(200, content=b"pdf")) as (script, context):
        with pytest.raises(ContentError):
            await channel.fetch_media(FILE, Kept(), context)

    assert script.methods == ["files.info"]


async def test_a_sandbox_gives_its_own_files() -> None:
    base = "http://127.0.0.1:8082/api"
    mine, others = "http://127.0.0.1:8082/files/F1", "http://127.0.0.1:9000/files/F1"
    async with scripted(info(url_private_download=mine), httpx.Response(200, content=b"pdf"), api_base=base) as (
        _,
        context,
    ):
        await channel.fetch_media(FILE, Kept(), context)
    async with scripted(info(url_private_download=others), api_base=base) as (_, context):
        with pytest.raises(ContentError):
            await channel.fetch_media(FILE, Kept(), context)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(302, headers={"location": "https://acme.slack.com/?redir=x"}), ReauthError),
        (httpx.Response(200, html="<html>log in"), ReauthError),
        (httpx.Response(403), ReauthError),
        (httpx.Response(404), ContentError),
        (httpx.Response(500), RetryLaterError),
        (httpx.Response(200, content=b"pd"), RetryLaterError),
        (httpx.ReadTimeout(""), RetryLaterError),
    ],
)
async def test_what_is_no_file(answer: Answer, error: type[SendError]) -> None:
    async with scripted(info(), answer) as (_, context):
        with pytest.raises(error):
            await channel.fetch_media(FILE, Kept(), context)


async def test_a_page_that_somebody_sent_is_a_file() -> None:
    kept = Kept()
    page = httpx.Response(200, html="<b>")
    async with scripted(info(mimetype="text/html"), page) as (_, context):
        await channel.fetch_media(FILE, kept, context)

    assert kept.bytes == b"<b>"


@pytest.mark.parametrize(
    "answer",
    [
        info(mode="tombstone"),
        info(file_access="access_denied"),
        info(url_private_download=None, url_private=None),
        no("file_not_found"),
        ok(file="F1"),
    ],
)
async def test_what_slack_does_not_give(answer: httpx.Response) -> None:
    async with scripted(answer) as (_, context):
        with pytest.raises(ContentError):
            await channel.fetch_media(FILE, Kept(), context)
