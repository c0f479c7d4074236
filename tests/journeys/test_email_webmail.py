"""The sandbox's webmail, on a phone: a person writes, is answered by the desk, reads it and answers again."""

from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.harness.browser import browser_page
from tests.harness.databases import Database, new_sqlite
from tests.harness.mail_desk import HELP, a_mail_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return new_sqlite(tmp_path_factory.mktemp("webmail"))


async def test_a_person_writes_reads_and_answers(sqlite: Database) -> None:
    async with a_mail_desk(sqlite) as desk_of, browser_page(width=390, height=844) as page:
        await page.goto(f"{desk_of.addresses.url}/phone?address=lena@home.example")
        await page.get_by_test_id("compose").click()
        form = page.get_by_test_id("form")
        await form.get_by_label("To").fill(HELP)
        await form.get_by_label("Subject").fill("The kiln")
        await form.get_by_label("Text").fill("It cracks.")
        await form.get_by_role("button", name="Send").click()

        conversation = await desk_of.conversation_with("It cracks.")
        await desk_of.reply(conversation, text="Which <b>one</b>?")

        await page.get_by_role("button", name="Re: The kiln").click()
        reader = page.get_by_test_id("reader")
        assert "Which <b>one</b>?" in await reader.inner_text()
        await reader.get_by_role("button", name="Answer").click()
        await form.get_by_label("Text").fill("The blue.")
        await form.get_by_role("button", name="Send").click()

        again = await desk_of.conversation_with("The blue.")
        assert again.key == conversation.key
        wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide

        token = desk_of.rest.headers["authorization"].removeprefix("Bearer ")
        server = str(desk_of.rest.base_url).partition("/api/")[0]
        await page.goto(f"{server}/#token={quote(token)}")
        await expect(page.get_by_role("status")).to_have_text("Live")
        await page.goto(f"{server}/#/conversations/{conversation.key}")
        answer = page.get_by_role("log", name="Messages").get_by_role("article").filter(has_text="The blue.")
        await expect(answer.get_by_text("> Which")).to_be_hidden()
        await answer.get_by_text("Earlier text").click()
        await expect(answer.get_by_text("> Which <b>one</b>?")).to_be_visible()
