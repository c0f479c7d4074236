"""Invariant 9: a secret of an integration stands in no table in clear, no log, no answer, and no error."""

import json
import logging
from urllib.parse import quote, quote_plus

import pytest

from chaskiq_core.errors import ContentError
from chaskiq_core.model import Delivery, InboundRequest, Integration, ProviderCall, Table
from chaskiq_core.plugin import ChannelContext, Piece, Receipt, WebhookRequest, hookimpl
from chaskiq_core.secrets import MASK
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import HOOK_TOKEN, a_house
from tests.harness.server import running_server
from tests.harness.tiny_channel import SECRET, TinyChannel, TinySettings
from tests.harness.wait import until

pytestmark = pytest.mark.anyio
ODD = "s3cr€t +/\"'%\\ of tiny"


class Asking(TinyChannel):
    """Asks a server before it sends, and says its secret there."""

    url = ""

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        secret = context.settings.secret_token
        await context.http.post(
            f"{self.url}/{quote(secret, safe='')}", params={"s": secret}, json={"s": secret}, auth=("me", secret)
        )
        if piece.text == "refuse me":
            raise ContentError(f"bad {secret}", code="400")
        return await super().send(piece, context)


async def test_no_secret_is_in_the_table_the_logs_or_the_answers(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asking = Asking()
    async with running_server(database, tiny=asking) as server:
        asking.url = server.url
        key = await server.customer_writes("Hello?")
        path = f"/integrations/{server.acme.integration}"
        await server.call("PATCH", path, {"settings": {"secret_token": ODD}})
        for text in ("Hi", "refuse me"):
            await server.call("POST", f"/conversations/{key}/parts", {"text": text})
        await server.house.quiet()
        server.chaskiq.integrations.clear()

        async def are_written() -> bool:
            return len((await server.call("GET", f"{path}/calls")).json()["items"]) == 3

        await until(are_written)
        page = await server.call("GET", f"{path}/calls")
        failed = (await server.call("GET", f"{path}/calls", params={"failed": "true", "limit": 1})).json()
        parts = await server.call("GET", f"/conversations/{key}/parts")
        rows = await server.house.system.read(everything_stored)

    assert [(one["hook"], one["outcome"]) for one in page.json()["items"]] == [
        ("send", "content"), ("send", "ok"), ("install", "ok"),
    ]  # fmt: skip
    assert [(one["outcome"], one["code"], one["error"]) for one in failed["items"]] == [
        ("content", "400", f"bad {MASK}")
    ]
    assert failed["next"] is None
    [asked] = page.json()["items"][0]["http"]
    assert (asked["method"], asked["status"]) == ("POST", 404)
    assert asked["url"] == f"{asking.url}/{MASK}?s={MASK}"
    assert asked["request"] == f'{{"s":"{MASK}"}}'
    for told in (page.text, parts.text, rows, caplog.text):
        for coat in (ODD, quote(ODD, safe=""), quote_plus(ODD), json.dumps(ODD)[1:-1]):
            assert coat not in told


async def test_a_shared_secret_that_came_with_a_webhook_is_not_kept(database: Database) -> None:
    async with a_house(database) as house:
        request = WebhookRequest(headers={"x-tiny-secret": SECRET}, query=f"s={SECRET}", body=b'{"messages": []}')
        await house.chaskiq.receive(HOOK_TOKEN, request)
        [kept] = await house.system.read(stored_webhooks)

    assert kept == ({"x-tiny-secret": MASK}, f"s={MASK}")


def stored_webhooks(unit: Unit) -> list[tuple[dict[str, object], str]]:
    """Headers and query of each."""
    return [(dict(row.headers), row.query) for row in unit.all(unit.select(InboundRequest))]


def everything_stored(unit: Unit) -> str:
    """The rows that might hold a secret, as text."""
    rows: list[Table] = [*unit.all(unit.select(ProviderCall)), *unit.all(unit.select(Delivery))]
    rows += unit.all(unit.select(Integration))
    return repr([{name: value for name, value in vars(row).items() if name[0] != "_"} for row in rows])
