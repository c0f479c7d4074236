"""A COMMIT whose answer is lost, on a server that can not say what became of it: the re-run meets its own rows."""

import tempfile
from pathlib import Path

import pytest

from chaskiq_core.store.postgres_store import PostgresStore
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, insert_person, say, start, texts
from tests.harness.postgres_proxy import Cut, a_proxy
from tests.harness.stream import settled_changes

pytestmark = pytest.mark.anyio


class ForgottenStore(PostgresStore):
    """On a server that has forgotten what became of each transaction, as it does of old ones."""

    async def _was_committed(self, xid: int) -> bool | None:
        return None


@pytest.mark.parametrize("cut", list(Cut))
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_call_that_nobody_can_settle_has_its_effect_once(database: Database, cut: Cut) -> None:
    # A path of a Unix socket must stay below 108 bytes.
    with tempfile.TemporaryDirectory(prefix="cq") as folder:
        async with a_proxy(database, Path(folder)) as (proxy, proxied):
            store = ForgottenStore(proxied.url)
            await store.open()
            acting = store.acting(await an_app(store))
            key = await acting.write(start, "Ann")

            proxy.cut_next = cut
            seq = await acting.write(say, key, "hello")
            proxy.cut_next = cut
            await acting.write(insert_person, "Bob")

            assert proxy.cuts == 2
            assert seq == 1
            assert await acting.read(texts, key) == [(1, "hello")]
            assert len(await settled_changes(acting, 1)) == 1
            await store.close()
