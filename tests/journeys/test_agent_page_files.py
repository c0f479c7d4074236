"""The agent page as files: what is served at `/` and under `/assets/`, with which headers, and nothing else."""

import pytest

from chaskiq_server.web.page import read_assets
from tests.harness.server import RunningServer

pytestmark = pytest.mark.anyio

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


async def test_the_page_and_all_it_loads_come_with_the_right_headers(server: RunningServer) -> None:
    for path in ("/", *(f"/assets/{name}" for name in read_assets())):
        answer = await server.http.get(path)

        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith(TYPES[path.rpartition(".")[2] if "." in path else "html"])
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-cache"


async def test_a_file_that_the_browser_has_is_not_sent_again(server: RunningServer) -> None:
    first = await server.http.get("/assets/main.js")

    again = await server.http.get("/assets/main.js", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    changed = await server.http.get("/assets/main.js", headers={"if-none-match": '"other"'})
    head = await server.http.head("/")

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (changed.status_code, changed.content) == (200, first.content)
    assert (head.status_code, head.content) == (200, b"")


async def test_nothing_else_is_served(server: RunningServer) -> None:
    for path in (
        "/assets/", "/assets/none.js", "/assets/../page.py", "/assets/..%2fpage.py", "/assets/%2e%2e/page.py",
        "/assets/..%5cpage.py", "/assets//etc/passwd", "/assets/%2fetc%2fpasswd", "/assets/main.js%00", "/index.html",
    ):  # fmt: skip
        answer = await server.http.get(path)

        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await server.http.post("/")).status_code == 405


async def test_no_script_makes_elements_of_text_and_the_page_has_no_inline_code() -> None:
    assets = {name: asset.body.decode() for name, asset in read_assets().items()}

    for name, text in assets.items():
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
        ):
            assert way not in text, (name, way)
    assert " on" not in assets["index.html"].replace(" on the", "")
    assert "style=" not in assets["index.html"]
    assert "<style" not in assets["index.html"]
