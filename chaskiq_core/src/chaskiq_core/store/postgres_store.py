"""PostgreSQL: acts run synchronously over asyncpg, each in its own transaction; a lost COMMIT is settled by asking."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import anyio
import asyncpg
from anyio import CapacityLimiter
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm.exc import StaleDataError

from chaskiq_core.errors import RaceError, UnavailableError
from chaskiq_core.store import migrate
from chaskiq_core.store.call import Call
from chaskiq_core.store.ledgers import Arrival, append_postgres
from chaskiq_core.store.node import Node, take_node
from chaskiq_core.store.store import APPENDED, LULL_SECONDS, STREAM, Outcome, Store, end_of_webhooks_turn
from chaskiq_core.store.unit import Committed

R = TypeVar("R")

POOL_SIZE = 10
MAX_WAITING = 2_000
MAX_APPENDS = 128
ACT_TIMEOUT_MS = 5_000
RACE_TRIES = 3
CONFLICT_TRIES = 8
LOST_TRIES = 3
ASK_TRIES = 50
UNIQUE_VIOLATION = "23505"
SERIALIZATION_STATES = ("40001", "40P01")
AWAY_STATES = ("08", "25006", "3D000", "53", "55000", "57P", "58")
"""How the SQLSTATE begins when the server can't serve: it starts, stops, is full, read-only, or lets nobody in."""
CONNECT_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection broke while the driver was in the middle of something
)
ASK_STATUS = text("SELECT pg_xact_status((:xid)::text::xid8)")
log = logging.getLogger("chaskiq.store")
CURRENT_XID = text("SELECT pg_current_xact_id_if_assigned()::text::bigint")


@dataclass(slots=True, eq=False)
class _Append:
    """A waiting arrival; its future's result says whether it was stored or must lead the next group."""

    arrival: Arrival
    future: "asyncio.Future[bool]"


class _RefusedError(UnavailableError):
    """The database answers, and does not take these rows: one of a group may be to blame for all."""


class _CommitLostError(Exception):
    """COMMIT was sent, its answer never came, and the server does not know the transaction any more."""

    def __init__(self, outcome: Outcome[object]) -> None:
        super().__init__()
        self.outcome = outcome


class PostgresStore(Store):
    """A PostgreSQL database, shared by any number of processes."""

    def __init__(
        self,
        url: str | URL,
        *,
        on_commit: Callable[[Committed], None] | None = None,
        undo_first_try: Callable[[Call[object]], bool] | None = None,
        trace: Callable[[str], None] | None = None,
        pool_size: int = POOL_SIZE,
    ) -> None:
        super().__init__(**({"on_commit": on_commit} if on_commit else {}), undo_first_try=undo_first_try)
        self.engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size + 1,  # one for the appends
            max_overflow=0,
            connect_args={
                "timeout": 5,
                "command_timeout": 2 * ACT_TIMEOUT_MS / 1000,
                "prepared_statement_cache_size": 500,
                "server_settings": {"statement_timeout": str(ACT_TIMEOUT_MS), "application_name": "chaskiq"},
            },
        )
        if trace:
            _trace_statements(self.engine, trace)
        self._limiter = CapacityLimiter(pool_size)
        self._appends: list[_Append] = []
        self._appending = False
        self._acts_from = 0.0
        """Until then it is the webhooks' turn, as long as they stream in: no act is begun."""
        self._append_connection: AsyncConnection | None = None
        self._append_driver: asyncpg.Connection | None = None

    async def open(self) -> None:
        try:
            node = await self._prepare()
        except (DBAPIError, *CONNECT_ERRORS) as error:
            await self.engine.dispose()
            raise UnavailableError(f"PostgreSQL can't be reached: {_reason(error)}") from error
        except UnavailableError:
            await self.engine.dispose()  # uvloop never closes with a connection left open
            raise
        self._is_node(node)

    async def _prepare(self) -> Node:
        """Look at the schema; the node number of this process."""
        async with self.engine.connect() as connection:
            version = await connection.run_sync(migrate.current_version)
            await connection.rollback()
            if version != (needed := migrate.latest_version()):
                raise UnavailableError(
                    f"the PostgreSQL schema is at {version or 'nothing'}, this version needs {needed}: "
                    "run `chaskiq db upgrade`"
                )
            node = await connection.run_sync(take_node)
            await connection.commit()
        return node

    async def upgrade(self) -> None:
        """Bring the schema up to what this code needs; one process at a time."""
        try:
            async with self.engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(7230811)"))
                await connection.run_sync(migrate.upgrade)
        except (DBAPIError, *CONNECT_ERRORS) as error:
            raise UnavailableError(f"PostgreSQL could not be upgraded: {_reason(error)}") from error

    async def close(self) -> None:
        if self._append_connection:
            await self._append_connection.close()
            self._append_connection = self._append_driver = None
        await self.engine.dispose()

    @property
    def busy(self) -> bool:
        return self._limiter.statistics().tasks_waiting >= MAX_WAITING

    async def append(self, arrival: Arrival) -> None:
        if len(self._appends) >= MAX_WAITING:
            raise UnavailableError(f"{MAX_WAITING} webhooks are waiting for the database; try again in a moment")
        waiting = _Append(arrival, asyncio.get_running_loop().create_future())
        self._appends.append(waiting)
        if self._appending:
            try:
                if await waiting.future:
                    return
            except asyncio.CancelledError:
                self._withdraw(waiting)
                raise
        self._appending = True
        waiting.future = asyncio.get_running_loop().create_future()
        with anyio.CancelScope(shield=True):  # for the leader only: a scope costs as much as a row
            await self._append_group()
        waiting.future.result()

    def _withdraw(self, waiting: _Append) -> None:
        """A door hung up: what nobody has begun to store is not stored; the rest its leader brings to the end."""
        if waiting in self._appends:
            self._appends.remove(waiting)
            if not waiting.future.cancelled():  # it was given the lead and never knew
                self._hand_over()
        elif not waiting.future.cancelled():
            waiting.future.exception()  # nobody is left to hear it

    def _hand_over(self) -> None:
        """Give the lead to the first of those that wait; those that hung up, and do not know it yet, are withdrawn."""
        self._appends = [waiting for waiting in self._appends if not waiting.future.done()]
        if self._appends:
            self._appends[0].future.set_result(False)
        else:
            self._appending = False

    async def _append_group(self) -> None:
        """Store all that waits; then hand the lead over."""
        group = self._appends[:MAX_APPENDS]
        del self._appends[: len(group)]
        error = await self._store_arrivals([waiting.arrival for waiting in group])
        if isinstance(error, _RefusedError) and len(group) > 1:
            await self._append_one_by_one(group)
        else:
            for waiting in group:
                _answer(waiting, error)
        self.on_commit(APPENDED)
        self._hand_over()

    async def _append_one_by_one(self, group: list[_Append]) -> None:
        """One arrival of a group was refused by the database: find which, and keep the others."""
        for waiting in group:
            _answer(waiting, await self._store_arrivals([waiting.arrival]))

    async def _store_arrivals(self, arrivals: list[Arrival]) -> UnavailableError | None:
        """Append them; a lost connection is tried once more: their ids are the same, so nothing comes twice."""
        failed: BaseException | None = None
        for _ in range(2):
            try:
                driver = self._append_driver or await self._connect_to_append()
                await append_postgres(driver, arrivals)
                return None
            except CONNECT_ERRORS as error:
                failed = error
                await self._drop_append_connection()
            except Exception as error:  # all who wait in the group must hear of it, whatever it is
                return _RefusedError(f"the webhook could not be stored: {_reason(error)}")
        assert failed is not None
        return UnavailableError(f"PostgreSQL can't be written now: {_reason(failed)}")

    async def _connect_to_append(self) -> asyncpg.Connection:
        self._append_connection = await self.engine.connect()
        driver = (await self._append_connection.get_raw_connection()).driver_connection
        assert isinstance(driver, asyncpg.Connection)
        self._append_driver = driver
        return driver

    async def _drop_append_connection(self) -> None:
        if self._append_connection is not None:
            await self._append_connection.invalidate()
            await self._append_connection.close()
            self._append_connection = self._append_driver = None

    async def _carry_out(self, call: Call[R]) -> R:
        if self.busy:
            raise UnavailableError(f"{MAX_WAITING} calls are waiting for the database; try again in a moment")
        if not call.readonly:
            await self._let_webhooks_pass()
        async with self._limiter:
            started = time.monotonic()
            # From here on it is awaited to its end: a door that hung up undoes nothing.
            with anyio.CancelScope(shield=True):
                result = await self._until_settled(call)
        if len(self._appends) >= STREAM and not call.readonly:
            self._acts_from = end_of_webhooks_turn(started)
        return result

    async def _let_webhooks_pass(self) -> None:
        """Wait for acts' turn: they run on the event loop that webhooks are answered on."""
        turn = self._acts_from
        while self._appending and (left := turn - time.monotonic()) > 0:  # noqa: ASYNC110  the stream may end before the turn does
            await anyio.sleep(min(left, LULL_SECONDS))

    async def _until_settled(self, call: Call[R]) -> R:
        races = conflicts = losses = 0
        unsettled: _CommitLostError | None = None
        while True:
            try:
                outcome = await self._try(call)
            except _CommitLostError as lost:
                # Nobody can say what became of it: if it was committed, the re-run meets its own rows.
                unsettled = lost
                losses += 1
            except IntegrityError as error:
                if unsettled and _constraint(error).startswith("pk_"):
                    self.on_commit(unsettled.outcome.committed)
                    return cast(R, unsettled.outcome.result)
                if _sqlstate(error) != UNIQUE_VIOLATION:
                    raise
                if (races := races + 1) == RACE_TRIES:
                    raise RaceError(_constraint(error)) from error
            except StaleDataError as error:
                if (conflicts := conflicts + 1) == CONFLICT_TRIES:
                    raise RaceError(str(error)) from error
            except DBAPIError as error:
                if _sqlstate(error) in SERIALIZATION_STATES:
                    if (conflicts := conflicts + 1) == CONFLICT_TRIES:
                        raise RaceError("a deadlock that came back") from error
                elif error.connection_invalidated:
                    if (losses := losses + 1) == LOST_TRIES:
                        raise UnavailableError(f"PostgreSQL went away: {_reason(error)}") from error
                elif _sqlstate(error).startswith(AWAY_STATES):
                    raise UnavailableError(f"PostgreSQL can't serve now: {_reason(error)}") from error
                elif _sqlstate(error) == "57014":
                    raise UnavailableError(f"{call.name} took over {ACT_TIMEOUT_MS} ms and was cancelled") from error
                else:
                    raise
            except CONNECT_ERRORS as error:
                raise UnavailableError(f"PostgreSQL can't be reached: {_reason(error)}") from error
            else:
                self.on_commit(outcome.committed)
                return outcome.result
            await anyio.sleep(random.uniform(0, 0.005 * (races + conflicts + losses)))

    async def _try(self, call: Call[R]) -> Outcome[R]:
        """One run and its commit."""
        async with self.engine.connect() as connection:
            if call.readonly:
                await connection.execution_options(postgresql_readonly=True)
            elif self._wants_trial(call):
                await self._undo(connection, call)
            await connection.begin()
            outcome = await connection.run_sync(self._run_with_xid, call)
            try:
                await connection.commit()
            except (DBAPIError, *CONNECT_ERRORS) as error:
                if call.readonly or (isinstance(error, DBAPIError) and not error.connection_invalidated):
                    raise
                lost = error
            else:
                return outcome
        committed = await self._was_committed(outcome.xid)
        if committed is None:
            raise _CommitLostError(outcome)
        if not committed:
            raise lost
        return outcome

    async def _undo(self, connection: AsyncConnection, call: Call[R]) -> None:
        try:
            await connection.run_sync(self._run, call)
        except Exception:
            await connection.rollback()
            return
        await connection.rollback()

    def _run_with_xid(self, connection: Connection, call: Call[R]) -> Outcome[R]:
        outcome = self._run(connection, call)
        if call.readonly or outcome.xid:
            return outcome
        xid: int | None = connection.execute(CURRENT_XID).scalar_one()
        return Outcome(outcome.result, outcome.committed, xid or 0)

    async def _was_committed(self, xid: int) -> bool | None:
        """Ask what became of a transaction whose COMMIT got no answer; None: the server has forgotten it."""
        if xid == 0:
            return True  # it wrote nothing
        for attempt in range(ASK_TRIES):
            try:
                async with self.engine.connect() as connection:
                    status = (await connection.execute(ASK_STATUS, {"xid": str(xid)})).scalar_one()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                status = "unreachable"
            except CONNECT_ERRORS:
                status = "unreachable"
            if status not in ("unreachable", "in progress"):
                return None if status is None else bool(status == "committed")
            await anyio.sleep(0.02 * (attempt + 1))
        raise UnavailableError("PostgreSQL went away during a commit and could not be asked what became of it")


def _answer(waiting: _Append, error: UnavailableError | None) -> None:
    if waiting.future.done():
        return
    if error is None:
        waiting.future.set_result(True)
    else:
        waiting.future.set_exception(error)


def _trace_statements(engine: AsyncEngine, trace: Callable[[str], None]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def listen(connection: object, record: object) -> None:
        driver = getattr(connection, "driver_connection", None)
        assert isinstance(driver, asyncpg.Connection)
        driver.add_query_logger(lambda query: trace(query.query))


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")


def _constraint(error: IntegrityError) -> str:
    cause = getattr(error.orig, "__cause__", None)
    return str(getattr(cause, "constraint_name", "") or _reason(error))


def _reason(error: BaseException) -> str:
    if isinstance(error, DBAPIError) and error.orig is not None:
        return str(error.orig).splitlines()[0]
    return str(error) or type(error).__name__
