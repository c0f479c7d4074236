"""The baseline: an endpoint written by hand that keeps each body, together with its neighbours."""

import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import asyncpg
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.postgres_group_commit import PostgresGroupCommit
from bench.sqlite_group_commit import SqliteGroupCommit, connect_durably
from bench.updates import WEBHOOK_PATH
from chaskiq_server import serving

SQLITE_TABLE = "CREATE TABLE webhooks (id INTEGER PRIMARY KEY, body BLOB NOT NULL)"
POSTGRES_TABLE = "CREATE TABLE webhooks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"

Group = SqliteGroupCommit[bytes] | PostgresGroupCommit[bytes]


def serve(listener: socket.socket, on_ready: Callable[[], None], database_url: str) -> None:
    """Serve until killed."""
    app = cast(FastAPI, _app(database_url))  # all that is asked of it is Starlette's
    anyio.run(
        partial(serving.serve, app, listener, on_ready=on_ready, on_stop=_nothing), backend_options={"use_uvloop": True}
    )


def _app(database_url: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        group = app.state.group = await _open(database_url)
        yield
        await group.close()

    return Starlette(routes=[Route(WEBHOOK_PATH, _take, methods=["POST"])], lifespan=lifespan)


async def _take(request: Request) -> Response:
    await request.app.state.group.append(await request.body())
    return Response()


async def _open(database_url: str) -> Group:
    if database_url.startswith("sqlite:///"):
        path = Path(database_url.removeprefix("sqlite:///"))
        connection = connect_durably(path)
        connection.execute(SQLITE_TABLE)
        connection.close()
        return SqliteGroupCommit(path, _insert_on_sqlite)
    driver = await asyncpg.connect(database_url)
    await driver.execute(POSTGRES_TABLE)
    return PostgresGroupCommit(driver, _insert_on_postgres)


def _insert_on_sqlite(connection: sqlite3.Connection, bodies: Sequence[bytes]) -> None:
    connection.executemany("INSERT INTO webhooks (body) VALUES (?)", [(body,) for body in bodies])


async def _insert_on_postgres(connection: asyncpg.Connection, bodies: Sequence[bytes]) -> None:
    await connection.execute("INSERT INTO webhooks (body) SELECT unnest($1::bytea[])", bodies)


def _nothing() -> None:
    """A bench is killed, not stopped."""
