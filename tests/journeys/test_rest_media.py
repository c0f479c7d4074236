"""Files over REST: uploaded by agents, served under signed addresses, and to nobody else."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from chaskiq_core.media.links import SHOWN_FOR
from chaskiq_core.store.call import utc_now
from tests.harness.databases import Database
from tests.harness.rich_channel import PNG, RichChannel
from tests.harness.server import RunningServer, running_server

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

MAX_BYTES = 10_000


@pytest.fixture
async def server(database: Database) -> AsyncIterator[RunningServer]:
    async with running_server(database, tiny=RichChannel(), max_media_bytes=MAX_BYTES) as server:
        yield server


async def upload(server: RunningServer, content: bytes, *, name: str = "cat.png", token: str = "") -> httpx.Response:
    return await server.http.post(
        server.acme.path("/media"),
        files={"file": (name, content, "text/html")},
        headers={"authorization": f"Bearer {token or server.acme.token}"},
    )


async def uploaded(server: RunningServer, content: bytes = PNG, *, name: str = "cat.png") -> dict[str, str]:
    answer = await upload(server, content, name=name)
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json()
    return told


async def test_an_upload_is_what_its_bytes_are_and_can_be_fetched(server: RunningServer) -> None:
    file = await uploaded(server)

    assert (file["type"], file["mime"], file["filename"]) == ("image", "image/png", "cat.png")
    served = await server.http.get(file["url"])
    assert (served.status_code, served.content) == (200, PNG)
    assert served.headers["content-type"] == "image/png"


@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", b"<svg onload='alert(1)'/>", b"%PDF-1.7"])
async def test_what_could_run_is_saved_not_shown(server: RunningServer, content: bytes) -> None:
    file = await uploaded(server, content, name="cat.png")

    served = await server.http.get(file["url"])

    assert file["type"] == "file"
    assert served.headers["content-disposition"].startswith('attachment; filename="cat.png"')
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    assert "html" not in served.headers["content-type"]
    assert "svg" not in served.headers["content-type"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\temp\\a.png", 'a".png', "a\r\nSet-Cookie: x=1.png", "\u202egnp.exe"]
)
async def test_a_name_is_only_a_name(server: RunningServer, name: str) -> None:
    file = await uploaded(server, name=name)

    served = await server.http.get(file["url"])

    assert not {"/", "\\", "\r", "\n", "\u202e"} & set(file["filename"])
    assert "set-cookie" not in served.headers


async def test_a_file_can_be_asked_for_in_ranges(server: RunningServer) -> None:
    file = await uploaded(server)

    part = await server.http.get(file["url"], headers={"range": "bytes=0-3"})

    assert (part.status_code, part.content) == (206, PNG[:4])


async def test_an_attached_file_is_a_part_of_its_own_and_goes_out(server: RunningServer) -> None:
    key = await server.customer_writes("Show me")
    file = await uploaded(server)

    answer = await server.call("POST", f"/conversations/{key}/parts", {"attachments": [file["id"]]})
    await server.house.quiet()

    assert answer.status_code == 201
    [attachment] = answer.json()["attachments"]
    assert (attachment["state"], attachment["type"]) == ("ready", "image")
    assert [[one.filename for one in piece.media] for piece in server.tiny.outbox.sent] == [["cat.png"]]


async def test_the_same_client_id_with_another_file_is_a_conflict(server: RunningServer) -> None:
    key = await server.customer_writes("Show me")
    first, second = await uploaded(server), await uploaded(server)
    path = f"/conversations/{key}/parts"

    statuses = [
        (await server.call("POST", path, {"attachments": [one["id"]], "client_id": "c"})).status_code
        for one in (first, first, second)
    ]

    assert statuses == [201, 200, 409]


async def test_an_address_is_one_app_s_and_one_file_s_and_ends(server: RunningServer) -> None:
    file, other = await uploaded(server), await uploaded(server)
    links, path = server.chaskiq.media_links, server.acme.path("/media/")
    signature = file["url"].partition("/media/")[2].partition(".")[2]
    refused = [
        file["url"].replace(server.acme.app_key, server.evil.app_key),
        f"{path}{other['id']}.{signature}",
        f"{path}{file['id']}",
        f"{path}{file['id']}.99999999999.{signature.partition('.')[2]}",
        f"{path}..%2f..%2fetc%2fpasswd.{signature}",
        links.url(server.acme.app_key, file["id"], now=utc_now() - SHOWN_FOR - timedelta(minutes=2)),
        links.url(server.acme.app_key, "never-there-at-all", now=utc_now()),
        links.url(server.evil.app_key, file["id"], now=utc_now()),
    ]

    statuses = {address: (await server.http.get(address)).status_code for address in refused}

    assert set(statuses.values()) == {404}


async def test_an_upload_that_is_none_is_refused_and_leaves_nothing(server: RunningServer) -> None:
    authorized = {"authorization": f"Bearer {server.acme.token}"}
    path = server.acme.path("/media")
    answers = {
        "no token": await server.http.post(path, files={"file": ("a", b"x")}),
        "no file": await server.http.post(path, data={"file": "text"}, headers=authorized),
        "no form": await server.http.post(path, content=b"x", headers=authorized),
        "broken": await server.http.post(
            path, content=b"--x\r\n", headers=authorized | {"content-type": "multipart/form-data; boundary=y"}
        ),
        "empty": await upload(server, b""),
        "too large": await upload(server, bytes(MAX_BYTES + 1)),
        "far too large": await upload(server, bytes(20 * MAX_BYTES)),
        "another App's token": await upload(server, PNG, token=server.evil.token),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "no token": 401,
        "no file": 422,
        "no form": 422,
        "broken": 422,
        "empty": 422,
        "too large": 413,
        "far too large": 413,
        "another App's token": 404,
    }
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers.values())
    assert server.house.files_on_disk() == []


async def test_a_file_of_another_app_can_t_be_attached(server: RunningServer) -> None:
    file = await uploaded(server)
    contact = (await server.call("POST", "/app_users", {"name": "X"}, tenant=server.evil)).json()["id"]
    theirs = (await server.call("POST", "/conversations", {"app_user_id": contact}, tenant=server.evil)).json()["key"]

    answer = await server.call(
        "POST", f"/conversations/{theirs}/parts", {"attachments": [file["id"]]}, tenant=server.evil
    )

    assert answer.status_code == 422


async def test_parts_are_edited_and_deleted_over_rest(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    part = (await server.call("POST", f"/conversations/{key}/parts", {"text": "Helo"})).json()
    path = f"/conversations/{key}/parts/{part['key']}"
    await server.house.quiet()

    edited = await server.call("PATCH", path, {"text": "Hello"})
    await server.house.quiet()
    deleted = await server.call("DELETE", path)
    await server.house.quiet()

    assert (edited.status_code, edited.json()["text"]) == (200, "Hello")
    assert (deleted.status_code, deleted.json()["text"]) == (200, "")
    assert isinstance(server.tiny, RichChannel)
    assert ([text for _, text in server.tiny.asked.edits], len(server.tiny.asked.deletes)) == (["Hello"], 1)
    assert (await server.call("PATCH", path, {"text": "Again"})).status_code == 422
    assert (await server.call("PATCH", f"{path}x", {"text": "Again"})).status_code == 404
