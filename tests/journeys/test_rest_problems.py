"""Whatever goes wrong over REST is a problem document (RFC 9457), and never a traceback."""

import logging

import httpx
import pytest

from chaskiq_server.rest.route import MAX_BODY_BYTES
from tests.harness.server import RunningServer

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

DOCUMENT = '{"content": {"type": "doc", "content": [{"type": "heading", "attrs": {"level": %s}}]}}'
BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "junk": (b"text=hello", 422),
    "not UTF-8": (b'{"text": "\xff"}', 422),
    "cut off": (b'{"text": "x', 422),
    "NaN": (b'{"text": NaN}', 422),
    "infinity as a number": (DOCUMENT.replace("%s", "1e999").encode(), 422),
    "a number of a million digits": (b'{"text": ' + b"9" * 900_000 + b"}", 422),
    "depth": (b'{"content": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422),
    "65 levels": (b'{"content": ' + b"[" * 64 + b"]" * 64 + b"}", 422),
    "a scalar": (b"null", 422),
    "too much": (b" " * (MAX_BODY_BYTES + 1), 413),
}


def check_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() - {"errors"} == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["detail"]


async def test_unreadable_bodies(server: RunningServer, caplog: pytest.LogCaptureFixture) -> None:
    key = await server.customer_writes("Hello?")
    url = server.acme.path(f"/conversations/{key}/parts")
    headers = {"authorization": f"Bearer {server.acme.token}"}

    for body, status in BODIES.values():
        answer = await server.http.post(url, content=body, headers={**headers, "content-type": "application/json"})
        check_problem(answer, status)

    assert len((await server.call("GET", f"/conversations/{key}/parts")).json()["items"]) == 1
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []


async def test_a_body_is_json_whatever_it_is_called(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    url = server.acme.path(f"/conversations/{key}/parts")

    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"):
        headers = {"authorization": f"bearer {server.acme.token}", "content-type": kind}
        answer = await server.http.post(url, content=b'{"text": "Hi"}', headers=headers)
        assert answer.status_code == 201


async def test_nul_and_lone_surrogates_are_replaced_in_texts_and_refused_in_urls(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    url = server.acme.path(f"/conversations/{key}/parts")
    headers = {"authorization": f"Bearer {server.acme.token}"}

    answer = await server.http.post(url, content=rb'{"text": "a\u0000b\ud800c"}', headers=headers)
    in_key = await server.http.get(server.acme.path("/conversations/%00"), headers=headers)
    in_query = await server.http.get(server.acme.path("/conversations?q=%00"), headers=headers)
    surrogate = await server.http.get(server.acme.path("/conversations?q=%ED%A0%80&assignee_id=%FF"), headers=headers)

    assert (answer.status_code, answer.json()["text"]) == (201, "a�b�c")
    check_problem(in_key, 404)
    check_problem(in_query, 422)
    check_problem(surrogate, 404)


async def test_unknown_urls_and_methods(server: RunningServer) -> None:
    check_problem(await server.http.get("/nowhere"), 404)
    check_problem(await server.http.get("/cable"), 404)
    check_problem(await server.call("GET", "/nowhere"), 404)
    check_problem(await server.call("GET", "/conversations/"), 404)
    refused = await server.call("PUT", "/conversations")
    check_problem(refused, 405)
    assert refused.headers["allow"]


async def test_an_error_of_ours_tells_nothing(server: RunningServer) -> None:
    class Lost:
        """Bearers that fail as nobody foresaw."""

        async def of_header(self, authorization: str) -> object:
            raise ZeroDivisionError("at /srv/secret")

    server.app.state.bearers = Lost()

    answer = await server.call("GET", "/conversations")

    check_problem(answer, 500)
    assert "secret" not in answer.text


async def test_health_and_documentation_are_there(server: RunningServer) -> None:
    assert (await server.http.get("/healthz")).json() == {"status": "ok"}
    assert (await server.http.get("/readyz")).status_code == 200
    assert (await server.http.get("/docs")).status_code == 200
    paths = (await server.http.get("/openapi.json")).json()["paths"]
    assert "/api/v1/apps/{app_key}/conversations/{key}/parts" in paths
