"""The phone page: it is there, whole, and nothing that a bot sends can run in it."""

import re
from pathlib import Path

import pytest

from chaskiq_plugins.telegram.tests.sandbox.playing import CustomerClient
from chaskiq_telegram.sandbox.phone import PAGE

pytestmark = pytest.mark.anyio

ASSETS = sorted(PAGE.iterdir())
SCRIPTS = [path for path in ASSETS if path.suffix == ".js"]


async def test_the_page_allows_nothing_from_elsewhere_and_nothing_inline(client: CustomerClient) -> None:
    response = await client.http.get("/phone", params={"bot": "x", "as": "1001"})

    policy = response.headers["content-security-policy"]
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=|\sstyle=|<script(?![^>]*src=)", response.text)


async def test_every_file_that_is_named_is_served(client: CustomerClient) -> None:
    named = set(re.findall(r"/phone/[\w.]+", (PAGE / "index.html").read_text()))
    for script in SCRIPTS:
        named |= {f"/phone/{name}" for name in re.findall(r'from "\./([\w.]+)"', script.read_text())}

    answers = {name: (await client.http.get(name)).status_code for name in named}

    assert set(answers.values()) == {200}
    assert named == {f"/phone/{path.name}" for path in ASSETS} - {"/phone/index.html"}


@pytest.mark.parametrize("name", ["nothing.js", "..%2fpage.py", "%2e%2e"])
async def test_nothing_else_is_served(client: CustomerClient, name: str) -> None:
    assert (await client.http.get(f"/phone/{name}")).status_code == 404


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_reads_text_as_html(script: Path) -> None:
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "alert(")
    text = script.read_text()

    # `openAlert(` is a sheet of the page's own
    assert not [word for word in forbidden if re.search(rf"(?<![A-Za-z]){re.escape(word)}", text)]
