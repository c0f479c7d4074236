"""Faults on demand: which calls they hit, and what the caller then sees."""

import httpx
import pytest

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, CustomerClient

pytestmark = pytest.mark.anyio


async def outcomes(client: CustomerClient, count: int, chat_id: int = MAYA) -> list[int]:
    return [(await client.call("sendMessage", chat_id=chat_id, text="x")).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ({"kind": 400, "description": "Bad Request: TOPIC_CLOSED"}, 400, {"description": "Bad Request: TOPIC_CLOSED"}),
        ({"kind": "401"}, 401, {"description": "Unauthorized"}),
        ({"kind": 403, "description": "Forbidden: user is deactivated"}, 403, {}),
        ({"kind": 409}, 409, {"description": "Conflict"}),
        ({"kind": 413}, 413, {"description": "Request Entity Too Large"}),
        (
            {"kind": 429, "retry_after": 7},
            429,
            {"description": "Too Many Requests: retry after 7", "parameters": {"retry_after": 7}},
        ),
        ({"kind": 500}, 500, {"description": "Internal Server Error"}),
        ({"kind": 502}, 502, {"description": "Bad Gateway"}),
        (
            {"kind": "chat_migrated", "migrate_to_chat_id": -1001},
            400,
            {
                "description": "Bad Request: group chat was upgraded to a supergroup chat",
                "parameters": {"migrate_to_chat_id": -1001},
            },
        ),
    ],
)
async def test_an_error_looks_as_telegrams(
    client: CustomerClient, fault: JsonObject, status: int, body: JsonObject
) -> None:
    await client.write("hi")
    await client.fault(**fault)

    response = await client.call("sendMessage", chat_id=MAYA, text="x")

    assert response.status_code == status
    assert response.json() | body == response.json()
    assert (response.json()["ok"], response.json()["error_code"]) == (False, status)
    assert response.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert len(await client.conversation()) == 1


async def test_skip_lets_calls_pass_and_times_ends_the_fault(client: CustomerClient) -> None:
    await client.write("hi")
    await client.fault(kind=500, method="sendMessage", skip=2, times=2)
    await client.result("getMe")

    assert await outcomes(client, 5) == [200, 200, 500, 500, 200]
    assert (await client.get("/sandbox/faults"))["faults"] == []


async def test_faults_stand_in_a_row_and_can_be_removed(client: CustomerClient) -> None:
    await client.write("hi")
    await client.fault(kind=500)
    await client.fault(kind=502, times=None)

    assert await outcomes(client, 3) == [500, 502, 502]
    await client.http.delete("/sandbox/faults")
    assert await outcomes(client, 1) == [200]


async def test_a_fault_may_hit_one_chat_only(client: CustomerClient) -> None:
    await client.write("hi")
    await client.write("hi", sender=LEO)
    await client.fault(kind=403, chat_id=LEO)

    assert await outcomes(client, 1) == [200]
    assert await outcomes(client, 1, LEO) == [403]


async def test_a_call_may_be_carried_out_and_still_go_wrong(client: CustomerClient) -> None:
    await client.write("hi")
    await client.fault(kind=502, accept=True)

    assert await outcomes(client, 1) == [502]
    [call] = await client.calls()
    assert (call["accepted"], object_at(call, "outcome")) == (True, {"ok": True, "fault": "502"})
    assert len(await client.conversation()) == 2


async def test_garbage_is_no_json(client: CustomerClient) -> None:
    await client.write("hi")
    await client.fault(kind="garbage")

    response = await client.call("sendMessage", chat_id=MAYA, text="x")

    assert response.status_code == 200
    assert response.text.startswith("<html>")
    assert len(await client.conversation()) == 1


@pytest.mark.parametrize(
    ("fault", "is_stored"),
    [
        ({"kind": "reset_before"}, False),
        ({"kind": "reset_after"}, True),
        ({"kind": "hang", "seconds": 0}, False),
        ({"kind": "hang", "seconds": 0, "accept": True}, True),
    ],
)
async def test_without_a_port_a_reset_is_the_error_that_httpx_makes_of_it(
    client: CustomerClient, fault: JsonObject, is_stored: bool
) -> None:
    await client.write("hi")
    await client.fault(**fault)

    with pytest.raises(httpx.ReadError):
        await client.call("sendMessage", chat_id=MAYA, text="x")

    [call] = await client.calls()
    assert call["accepted"] is is_stored
    assert len(await client.conversation()) == 1 + is_stored


async def test_slow_gives_the_right_answer_late(client: CustomerClient) -> None:
    await client.write("hi")
    await client.fault(kind="slow", seconds=0.01)

    assert (await client.result("sendMessage", chat_id=MAYA, text="x"))["text"] == "x"
