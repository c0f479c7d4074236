"""Two windows of a browser, a customer's phone and the agents' page: a person talks with themselves."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Locator, Page, expect

from chaskiq_plugins.telegram.tests.sandbox.pictures import png
from examples.hello_bot import HelloBot
from tests.harness.browser import browser_page
from tests.harness.databases import new_sqlite
from tests.harness.telegram_desk import BOT, TelegramDesk, a_telegram_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[TelegramDesk]:
    async with a_telegram_desk(new_sqlite(tmp_path), plugins={"hello_bot": HelloBot()}) as desk:
        yield desk


class Phone:
    """The customer's window."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def write(self, text: str) -> None:
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def send_files(self, *files: Path) -> None:
        await self.page.get_by_test_id("file-input").set_input_files([str(file) for file in files])
        await self.page.get_by_role("button", name="Send", exact=True).click()

    def message(self, text: str) -> Locator:
        """The bubble of that text."""
        return self.page.get_by_test_id("message").filter(has_text=text)

    async def choose(self, text: str, item: str) -> None:
        """An item of a bubble's menu."""
        await self.message(text).get_by_test_id("message-text").click()
        menu = self.page.get_by_test_id("menu")
        await menu.get_by_label(item, exact=True).or_(menu.get_by_text(item, exact=True)).click()


class Agent:
    """The agent's window."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def reply(self, text: str) -> None:
        await self.page.get_by_role("textbox", name="Reply").fill(text)
        await self.page.get_by_role("textbox", name="Reply").press("Enter")

    def message(self, text: str) -> Locator:
        """The part of that text."""
        return self.page.get_by_role("log", name="Messages").get_by_role("article").filter(has_text=text)

    async def choose(self, text: str, item: str) -> None:
        """An item of a part's menu."""
        await self.message(text).hover()
        await self.message(text).get_by_role("button", name="Message actions").click()
        await self.page.get_by_role("menuitem", name=item, exact=True).click()


@pytest.fixture
async def windows(desk: TelegramDesk) -> AsyncIterator[tuple[Phone, Agent]]:
    """Both windows open, the conversation begun."""
    token = desk.rest.headers["authorization"].removeprefix("Bearer ")
    async with browser_page() as agent:
        phone = await agent.context.new_page()
        await phone.set_viewport_size({"width": 390, "height": 844})
        await phone.goto(f"{desk.telegram.base_url}/phone?bot={quote(BOT)}&as=1001&name=Maya")
        await Phone(phone).write("Where is my order?")
        await agent.goto(f"{desk.chaskiq.settings.public_url}/#token={quote(token)}")
        await agent.get_by_role("link", name="Maya").click()
        await expect(Agent(agent).message("Where is my order?")).to_be_visible()
        yield Phone(phone), Agent(agent)


async def test_text_edits_replies_reactions_and_buttons_cross_both_ways(windows: tuple[Phone, Agent]) -> None:
    phone, agent = windows

    await phone.page.get_by_role("button", name="My order").click()
    await expect(agent.message("My order").last).to_be_visible()
    await agent.reply("It is on its wy")
    await expect(phone.message("It is on its wy")).to_be_visible()
    await agent.choose("It is on its wy", "Edit")
    await agent.reply("It is on its way")
    await expect(phone.message("It is on its way")).to_be_visible()
    await phone.choose("It is on its way", "React ❤")
    await expect(agent.message("It is on its way")).to_contain_text("❤")

    await phone.choose("It is on its way", "Reply")
    await phone.write("Wonderfull")
    await expect(agent.message("Wonderfull")).to_contain_text("It is on its way")
    await phone.choose("Wonderfull", "Edit")
    await phone.write("Wonderful")
    await expect(agent.message("Wonderful")).to_contain_text("edited", ignore_case=True)
    await expect(agent.message("Wonderfull")).to_have_count(0)

    await agent.reply("This was for somebody else")
    await expect(phone.message("This was for somebody else")).to_be_visible()
    await agent.choose("This was for somebody else", "Delete")
    await agent.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(phone.message("This was for somebody else")).to_have_count(0)


async def test_photos_and_files_cross_both_ways(windows: tuple[Phone, Agent], tmp_path: Path) -> None:
    phone, agent = windows
    photo, invoice = tmp_path / "cat.png", tmp_path / "invoice.pdf"
    photo.write_bytes(png(64, 48))
    invoice.write_bytes(b"%PDF-1.7\n%invoice")

    await phone.send_files(photo)
    picture = (
        agent.page.get_by_role("log", name="Messages")
        .get_by_role("img", name="cat.png")
        .or_(agent.page.get_by_role("log", name="Messages").locator("img[src*='/media/']"))
    )
    await expect(picture.first).to_be_visible()
    assert await picture.first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64

    for file in (photo, invoice):
        async with agent.page.expect_file_chooser() as chooser:
            await agent.page.get_by_role("button", name="Attach").click()
        await (await chooser.value).set_files(str(file))
    await expect(agent.page.get_by_text("invoice.pdf").first).to_be_visible()
    await agent.reply("Both for you")

    from_bot = phone.page.locator("[data-testid=message][data-direction=bot]")
    await expect(from_bot.filter(has_text="invoice.pdf")).to_be_visible()
    await expect(from_bot.locator("img").first).to_be_visible()
    await expect(from_bot.filter(has_text="Both for you")).to_be_visible()
    async with phone.page.expect_download() as download:
        await from_bot.filter(has_text="invoice.pdf").get_by_role("link").first.click()
    assert (await (await download.value).path()).read_bytes() == invoice.read_bytes()
