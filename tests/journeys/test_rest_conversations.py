"""Conversations over REST: the contract's shapes, client ids, verbs, pages, and what is refused."""

import anyio
import pytest

from tests.harness.house import a_message
from tests.harness.server import RunningServer

pytestmark = pytest.mark.anyio

PERSON = {"id", "kind", "name", "email", "avatar_url"}
CONVERSATION = {
    "key", "state", "priority", "subject", "tags", "assignee", "team", "main_participant", "participants", "channels",
    "created_at", "updated_at", "closed_at", "first_agent_reply_at", "latest_user_visible_comment_at", "unread_count",
}  # fmt: skip
CHANNEL = {"provider", "integration_id", "provider_channel_id", "provider_thread_id", "can_send"}
PART = {
    "key", "seq", "kind", "author", "text", "html", "content", "attachments", "block", "event", "private_note",
    "reply_to", "quote", "forwarded", "group_id", "reactions", "unsupported", "created_at", "provider_sent_at",
    "read_at", "edited_at", "deleted_at", "sources", "deliveries",
}  # fmt: skip
BOLD = {
    "type": "doc",
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Yes", "marks": [{"type": "bold"}]}]}],
}


async def test_a_conversation_and_its_parts_have_the_shapes_of_the_contract(server: RunningServer) -> None:
    key = await server.customer_writes("Where is my order?")
    await server.call("POST", f"/conversations/{key}/parts", {"text": "On its way"})
    await server.house.quiet()

    conversation = (await server.call("GET", f"/conversations/{key}")).json()
    parts = (await server.call("GET", f"/conversations/{key}/parts")).json()

    assert conversation.keys() >= CONVERSATION
    assert conversation["main_participant"].keys() == PERSON
    assert conversation["participants"] == [conversation["main_participant"]]
    assert (conversation["state"], conversation["assignee"], conversation["unread_count"]) == ("opened", None, 1)
    [channel] = conversation["channels"]
    assert channel.keys() == CHANNEL
    assert (channel["provider"], channel["integration_id"]) == ("tiny", server.acme.integration)
    assert (channel["provider_channel_id"], channel["provider_thread_id"]) == ("7", None)
    assert channel["can_send"] == {"free_form": True, "until": None, "reason": None, "templates": False}
    assert parts.keys() == {"items", "next"}
    asked, answered = parts["items"]
    assert asked.keys() == answered.keys() == PART | {"former", "referral"}
    assert (asked["seq"], asked["author"]["type"], asked["html"]) == (1, "app_user", "<p>Where is my order?</p>")
    assert asked["sources"] == [{"provider": "tiny", "external_id": "1"}]
    assert answered["author"] == {"type": "agent", "id": server.acme.admin, "name": "Ann"}
    [delivery] = answered["deliveries"]
    assert delivery.keys() == {"id", "provider", "state", "error", "external_ids"}
    assert conversation["created_at"].endswith("Z")


async def test_the_same_client_id_is_the_same_part(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    path = f"/conversations/{key}/parts"

    first = await server.call("POST", path, {"text": "Hi", "client_id": "a"})
    again = await server.call("POST", path, {"text": "Hi", "client_id": "a"})
    other = await server.call("POST", path, {"text": "Ho", "client_id": "a"})
    note = await server.call("POST", path, {"text": "Hi", "client_id": "a", "private_note": True})
    await server.house.quiet()

    assert [answer.status_code for answer in (first, again, other, note)] == [201, 200, 409, 409]
    assert again.json()["key"] == first.json()["key"]
    assert [piece.text for piece in server.tiny.outbox.sent] == ["Hi"]


async def test_eight_clients_with_one_client_id_make_one_part(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    statuses: list[int] = []

    async def send() -> None:
        answer = await server.call("POST", f"/conversations/{key}/parts", {"text": "Hi", "client_id": "a"})
        statuses.append(answer.status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(send)
    await server.house.quiet()

    assert sorted(statuses) == [200] * 7 + [201]
    assert [piece.text for piece in server.tiny.outbox.sent] == ["Hi"]


async def test_a_document_is_kept_with_its_marks_and_a_note_never_leaves(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    path = f"/conversations/{key}/parts"

    bold = (await server.call("POST", path, {"content": BOLD})).json()
    note = (await server.call("POST", path, {"text": "Careful", "private_note": True})).json()
    answer = (await server.call("POST", path, {"text": "I said yes", "reply_to": bold["key"]})).json()
    await server.house.quiet()

    assert (bold["text"], bold["content"]) == ("Yes", BOLD)
    assert (note["private_note"], note["deliveries"]) == (True, [])
    assert answer["reply_to"] == bold["key"]
    assert [piece.text for piece in server.tiny.outbox.sent] == ["Yes", "I said yes"]


async def test_the_verbs_answer_with_the_conversation_and_asking_again_changes_nothing(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    path = f"/conversations/{key}"
    me = server.acme.admin

    assigned = await server.call("POST", f"{path}/assign", {"agent_id": me, "expected_assignee_id": None})
    slower = await server.call("POST", f"{path}/assign", {"agent_id": me, "expected_assignee_id": None})
    again = await server.call("POST", f"{path}/assign", {"agent_id": me, "expected_assignee_id": me})
    taken = await server.call("POST", f"{path}/assign", {"agent_id": None})
    closed = [await server.call("POST", f"{path}/close") for _ in range(2)]
    reopened = [await server.call("POST", f"{path}/reopen") for _ in range(2)]

    assert assigned.json()["assignee"]["id"] == me
    assert (slower.status_code, again.status_code, taken.json()["assignee"]) == (409, 200, None)
    assert [(answer.status_code, answer.json()["state"]) for answer in closed] == [(200, "closed")] * 2
    assert [(answer.status_code, answer.json()["state"]) for answer in reopened] == [(200, "opened")] * 2
    parts = (await server.call("GET", f"{path}/parts")).json()["items"]
    events = [part["event"]["action"] for part in parts if part["event"]]
    assert events == ["assigned", "unassigned", "closed", "reopened"]


async def test_an_agent_starts_a_conversation_where_the_contact_has_written(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    contact = (await server.call("GET", f"/conversations/{key}")).json()["main_participant"]["id"]

    started = await server.call(
        "POST",
        "/conversations",
        {"app_user_id": contact, "integration_id": server.acme.integration, "text": "News", "subject": "Offer"},
    )
    empty = await server.call("POST", "/conversations", {"app_user_id": contact})
    await server.house.quiet()

    assert (started.status_code, empty.status_code) == (201, 201)
    assert started.json()["subject"] == "Offer"
    assert started.json()["assignee"]["id"] == server.acme.admin
    assert [piece.text for piece in server.tiny.outbox.sent] == ["News"]


async def test_pages_cover_everything_once_newest_first(server: RunningServer) -> None:
    for number in range(1, 6):
        await server.hook(a_message(number, f"Message {number}", chat=str(number)))
    await server.house.quiet()
    everything = (await server.call("GET", "/conversations", params={"limit": 100_000})).json()

    seen: list[str] = []
    cursor = None
    while True:
        page = await server.call("GET", "/conversations", params={"limit": 2, **({"after": cursor} if cursor else {})})
        seen += [conversation["key"] for conversation in page.json()["items"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
    # What moves while one pages is shown again or on top; what did not move is never skipped.
    first = (await server.call("GET", "/conversations", params={"limit": 2})).json()
    await server.call("POST", f"/conversations/{seen[-1]}/close")
    rest = (await server.call("GET", "/conversations", params={"after": first["next"]})).json()

    assert everything["next"] is None
    assert seen == [conversation["key"] for conversation in everything["items"]]
    moved = [conversation["updated_at"] for conversation in everything["items"]]
    assert moved == sorted(moved, reverse=True)
    assert {conversation["key"] for conversation in rest["items"]} == set(seen[2:4])


async def test_lists_are_narrowed_by_state_assignee_and_name(server: RunningServer) -> None:
    mine = await server.customer_writes("One", number=1, chat="1")
    closed = await server.customer_writes("Two", number=2, chat="2")
    await server.call("POST", f"/conversations/{mine}/assign", {"agent_id": server.acme.admin})
    await server.call("POST", f"/conversations/{closed}/close")

    async def keys(**params: str) -> list[str]:
        page = await server.call("GET", "/conversations", params=params)
        return [conversation["key"] for conversation in page.json()["items"]]

    assert await keys(state="opened") == [mine]
    assert await keys(state="closed") == [closed]
    assert await keys(assignee_id=server.acme.admin) == [mine]
    assert await keys(assignee_id="none") == [closed]
    assert await keys(q="person 2") == [closed]
    assert await keys(q="%") == []


async def test_parts_are_paged_oldest_first(server: RunningServer) -> None:
    key = await server.customer_writes("1")
    for number in range(2, 6):
        await server.call("POST", f"/conversations/{key}/parts", {"text": str(number)})

    first = (await server.call("GET", f"/conversations/{key}/parts", params={"limit": 3})).json()
    second = (await server.call("GET", f"/conversations/{key}/parts", params={"after": first["next"]})).json()

    assert [part["text"] for part in first["items"]] == ["1", "2", "3"]
    assert [part["text"] for part in second["items"]] == ["4", "5"]
    assert second["next"] is None


UNWRITABLE: dict[str, object] = {
    "nothing": {},
    "both": {"text": "x", "content": BOLD},
    "blank": {"text": " \n\t "},
    "a number": {"text": 7},
    "too long": {"text": "x" * 100_001},
    "no document": {"content": {"type": "paragraph"}},
    "an empty document": {"content": {"type": "doc", "content": []}},
    "an unknown node": {"content": {"type": "doc", "content": [{"type": "script"}]}},
    "attachments": {"text": "x", "attachments": ["media-1"]},
    "an empty client id": {"text": "x", "client_id": ""},
    "a long client id": {"text": "x", "client_id": "x" * 101},
    "a stranger's field": {"text": "x", "seq": 1},
    "no part of here": {"text": "x", "reply_to": "nothing"},
    "an array": [],
    "a text": "x",
}


async def test_what_breaks_a_rule_is_422_with_a_sentence_and_leaves_nothing(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    parts, assign = f"/conversations/{key}/parts", f"/conversations/{key}/assign"

    answers = {name: await server.call("POST", parts, body) for name, body in UNWRITABLE.items()}
    answers["team"] = await server.call("POST", assign, {"team_id": "1"})
    answers["nobody named"] = await server.call("POST", assign, {})
    answers["agent as a number"] = await server.call("POST", assign, {"agent_id": 1})
    for query in ("limit=0", "limit=x", "after=e30", "after=%00", "state=lost"):
        answers[query] = await server.call("GET", f"/conversations?{query}")

    for name, answer in answers.items():
        assert answer.status_code == 422, (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json", name
        problem = answer.json()
        assert (problem["status"], problem["title"]) == (422, "Unprocessable Entity"), name
        assert problem["detail"], name
    assert answers["a stranger's field"].json()["errors"] == [
        {"detail": "Extra inputs are not permitted", "pointer": "#/seq"}
    ]
    unknown = await server.call("POST", assign, {"agent_id": "999"})
    assert unknown.status_code == 404
    assert len((await server.call("GET", parts)).json()["items"]) == 1
