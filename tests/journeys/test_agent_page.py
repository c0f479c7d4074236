"""The agent page in a real browser: what an agent does all day, and what must not get lost."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from chaskiq_core.errors import RecipientError
from chaskiq_core.model import RoleName
from tests.harness.browser import browser_page
from tests.harness.databases import new_sqlite
from tests.harness.house import a_message
from tests.harness.server import RunningServer, add_colleague, running_server
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(new_sqlite(tmp_path)) as server:
        yield server


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with browser_page() as page:
        yield page


async def open_desk(page: Page, server: RunningServer, key: str | None = None) -> None:
    """Signed in by a link, the cable standing; with a key its conversation is open."""
    await page.goto(f"{server.url}/#token={quote(server.acme.token)}")
    await expect(page.get_by_role("status")).to_have_text("Live")
    if key is not None:
        await page.goto(f"{server.url}/#/conversations/{key}")
        await expect(page.get_by_role("log", name="Messages").get_by_role("article")).not_to_have_count(0)


async def write(page: Page, text: str) -> None:
    """A reply, sent with Enter."""
    await page.get_by_role("textbox", name="Reply").fill(text)
    await page.get_by_role("textbox", name="Reply").press("Enter")


async def test_an_agent_signs_in_answers_notes_and_closes(page: Page, server: RunningServer) -> None:
    await server.customer_writes("Where is my order?")
    messages = page.get_by_role("log", name="Messages")

    await page.goto(server.url)
    await page.get_by_label("Token").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("This token is not valid")).to_be_visible()
    await page.get_by_label("Token").fill(server.acme.token)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="Person 7").click()
    await expect(messages.get_by_text("Where is my order?")).to_be_visible()
    await write(page, "On its way")

    answer = messages.get_by_role("article", name="Message by Ann")
    await expect(answer.get_by_text("On its way")).to_be_visible()
    await expect(answer.get_by_role("img", name="Sent")).to_be_visible()
    await page.get_by_role("switch", name="Private note").check()
    await write(page, "A careful one")
    await expect(messages.get_by_role("article", name="Private note by Ann")).to_contain_text("A careful one")
    await page.get_by_label("Assignee").select_option(label="Ann (me)")
    await expect(messages.get_by_text("Ann took this conversation")).to_be_visible()
    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(messages.get_by_text("Ann closed the conversation")).to_be_visible()
    await expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    assert [piece.text for piece in server.tiny.outbox.sent] == ["On its way"]


async def test_what_a_customer_writes_appears_by_itself_and_never_runs(page: Page, server: RunningServer) -> None:
    key = await server.customer_writes("Hello")
    await open_desk(page, server, key)
    assert "token" not in page.url

    await server.hook(
        a_message(2, HOSTILE), {**a_message(3, "Another's", chat="8"), "name": "<b>Eve</b><script>alert(1)</script>"}
    )

    await expect(page.get_by_role("log", name="Messages").get_by_text(HOSTILE)).to_be_visible()
    await expect(page.get_by_role("link", name="<b>Eve</b>")).to_contain_text("Another's")
    await expect(page).not_to_have_title("run")


async def test_a_colleague_who_writes_is_seen_typing_and_then_answering(page: Page, server: RunningServer) -> None:
    key = await server.customer_writes("Hello")
    _, bobs_token = await add_colleague(server, RoleName.AGENT, email="bob@example.org")
    await open_desk(page, server, key)

    await server.call("POST", f"/conversations/{key}/typing", token=bobs_token)
    await expect(page.get_by_text("bob is typing…")).to_be_visible()
    await server.call("POST", f"/conversations/{key}/parts", {"text": "I take this"}, token=bobs_token)

    await expect(page.get_by_role("article", name="Message by bob")).to_contain_text("I take this")
    await expect(page.get_by_text("bob is typing…")).to_have_count(0)


async def test_a_cut_cable_comes_back_and_nothing_is_missing(page: Page, server: RunningServer) -> None:
    cables: list[WebSocketRoute] = []

    def pass_on(cable: WebSocketRoute) -> None:
        cables.append(cable)
        cable.connect_to_server()

    await page.route_web_socket("**/cable?*", pass_on)
    key = await server.customer_writes("Before")
    await open_desk(page, server, key)

    await cables[-1].close()
    await server.hook(a_message(2, "Meanwhile"), a_message(3, "From another", chat="8"))
    await server.house.quiet()

    await expect(page.get_by_role("log", name="Messages").get_by_text("Meanwhile")).to_be_visible()
    await expect(page.get_by_role("link", name="Person 8")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("Live")
    await server.hook(a_message(4, "And after"))
    await expect(page.get_by_role("log", name="Messages").get_by_text("And after")).to_be_visible()
    assert len(cables) == 2


async def test_a_reply_that_did_not_get_through_is_sent_once_after_all(page: Page, server: RunningServer) -> None:
    key = await server.customer_writes("Hello")
    await open_desk(page, server, key)

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/parts", lose_the_answer, times=1)
    await page.route("**/parts?*", lambda route: route.abort())
    await write(page, "Only once")
    await page.get_by_role("button", name="Retry").click()

    await expect(page.get_by_role("button", name="Retry")).to_have_count(0)
    await expect(page.get_by_role("article", name="Message by Ann")).to_have_count(1)
    await server.house.quiet()
    assert [piece.text for piece in server.tiny.outbox.sent] == ["Only once"]


async def test_a_failed_delivery_says_why_and_can_be_sent_again(page: Page, server: RunningServer) -> None:
    key = await server.customer_writes("Hello")
    await open_desk(page, server, key)
    server.tiny.outbox.faults.append(RecipientError("the person blocked us"))

    await write(page, "Please read this")
    await expect(page.get_by_text("the person blocked us")).to_be_visible()
    await page.get_by_role("button", name="Retry").click()

    await expect(page.get_by_role("img", name="Sent")).to_be_visible()
    await expect(page.get_by_text("the person blocked us")).to_have_count(0)


async def test_own_parts_are_edited_and_deleted_and_files_go_along(page: Page, server: RunningServer) -> None:
    key = await server.customer_writes("Hello")
    await open_desk(page, server, key)
    note = page.get_by_role("article", name="Private note by Ann")

    async def choose(action: str) -> None:
        await note.get_by_role("button", name="Message actions").click()
        await page.get_by_role("menuitem", name=action).click()

    await page.get_by_role("switch", name="Private note").check()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach").click()
    await (await chooser.value).set_files({"name": "dot.png", "mimeType": "image/png", "buffer": PICTURE})
    await write(page, "See thsi")
    await note.get_by_role("button", name="Open dot.png").click()
    await page.get_by_role("button", name="Close picture").click()
    await choose("Edit")
    await page.get_by_role("textbox", name="Reply").fill("See this")
    await page.get_by_role("button", name="Save").click()
    await expect(note).to_contain_text("See this")
    await expect(note).to_contain_text("edited")
    await choose("Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    await expect(note).to_contain_text("This message was deleted")


async def test_on_a_phone_list_and_conversation_are_two_screens(server: RunningServer) -> None:
    await server.customer_writes("Hello")

    async with browser_page(width=390, height=844) as page:
        await open_desk(page, server)
        person = page.get_by_role("link", name="Person 7")
        await person.click()
        await expect(page.get_by_role("textbox", name="Reply")).to_be_visible()
        await expect(person).to_be_hidden()
        await page.get_by_role("link", name="Back to the list").click()
        await expect(person).to_be_visible()
        await page.go_back()

        await expect(page.get_by_role("textbox", name="Reply")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_file_whose_address_is_too_old_is_asked_for_before_it_is_saved(
    page: Page, server: RunningServer
) -> None:
    key = await server.customer_writes("The invoice?")
    await write_with_file(server, key, "invoice.pdf", b"%PDF-1.7")
    await page.clock.install()
    await open_desk(page, server, key)
    await page.clock.fast_forward("20:00")

    async with page.expect_request("**/parts?*"), page.expect_download() as download:
        await page.get_by_role("link", name="invoice.pdf").click()

    assert (await (await download.value).path()).read_bytes() == b"%PDF-1.7"


async def write_with_file(server: RunningServer, key: str, name: str, content: bytes) -> None:
    """A note of Ann's with a file."""
    answer = await server.http.post(
        server.acme.path("/media"),
        files={"file": (name, content)},
        headers={"authorization": f"Bearer {server.acme.token}"},
    )
    note = {"attachments": [answer.json()["id"]], "private_note": True}
    assert (await server.call("POST", f"/conversations/{key}/parts", note)).status_code == 201


async def test_a_picture_whose_address_is_too_old_is_asked_for_again(page: Page, server: RunningServer) -> None:
    key = await server.customer_writes("Show me")
    await write_with_file(server, key, "cat.png", PICTURE)
    asked: list[str] = []

    async def too_old_at_first(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            await route.fulfill(status=404)
        else:
            await route.continue_()

    await page.route("**/media/**", too_old_at_first)
    await open_desk(page, server, key)

    picture = page.get_by_role("log", name="Messages").locator("img[src*='/media/']")

    async def shown() -> bool:
        return bool(await picture.evaluate("image => image.naturalWidth === 1"))

    await until(shown)
    assert len(asked) == 2
