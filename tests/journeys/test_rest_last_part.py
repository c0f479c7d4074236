"""What a list tells of each conversation's last words."""

import pytest

from tests.harness.house import a_message
from tests.harness.server import RunningServer
from tests.harness.statements import StatementWatch

pytestmark = pytest.mark.anyio


async def test_a_list_shows_what_was_said_last_and_no_event(server: RunningServer) -> None:
    key = await server.customer_writes("Where is it?")

    async def last_part() -> object:
        [listed] = (await server.call("GET", "/conversations")).json()["items"]
        shown = (await server.call("GET", f"/conversations/{key}")).json()
        assert listed["last_part"] == shown["last_part"]
        return listed["last_part"]

    asked = await last_part()
    await server.call("POST", f"/conversations/{key}/parts", {"text": "a" * 300})
    answered = await last_part()
    note = (await server.call("POST", f"/conversations/{key}/parts", {"text": "Hm", "private_note": True})).json()
    noted = await last_part()
    await server.call("POST", f"/conversations/{key}/close")
    closed = await last_part()
    await server.call("DELETE", f"/conversations/{key}/parts/{note['key']}")
    deleted = await last_part()

    contact = {"from_contact": True, "attachment": None, "private_note": False}
    agent = {**contact, "from_contact": False}
    assert asked == {**contact, "seq": 1, "text": "Where is it?"}
    assert answered == deleted == {**agent, "seq": 2, "text": "a" * 200}
    assert noted == closed == {**agent, "seq": 3, "text": "Hm", "private_note": True}


async def test_a_conversation_in_which_nothing_was_said_has_no_last_part(server: RunningServer) -> None:
    contact = (await server.call("POST", "/app_users", {"name": "Maya"})).json()["id"]

    started = (await server.call("POST", "/conversations", {"app_user_id": contact})).json()

    assert (await server.call("GET", f"/conversations/{started['key']}")).json()["last_part"] is None


async def test_a_longer_list_costs_no_more_statements(server: RunningServer, watch: StatementWatch) -> None:
    costs = []
    for wanted in (1, 6):
        await server.hook(*(a_message(number, "Hello", chat=str(number)) for number in range(1, wanted + 1)))
        await server.house.quiet()
        await server.call("GET", "/conversations")
        before = len(watch.seen)
        page = (await server.call("GET", "/conversations")).json()["items"]
        costs.append(len([one for one in watch.seen[before:] if "chaskiq_conversation" in one]))
        assert [one["last_part"]["text"] for one in page] == ["Hello"] * wanted

    assert costs[0] == costs[1]
