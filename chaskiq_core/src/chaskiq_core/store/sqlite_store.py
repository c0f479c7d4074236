"""SQLite: one writer thread that takes as many waiting calls to a commit as fit; readers in their own threads."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Engine, NestedTransaction, NullPool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from chaskiq_core.errors import ChaskiqError, RaceError, UnavailableError
from chaskiq_core.store import migrate
from chaskiq_core.store.call import Call
from chaskiq_core.store.file_lock import FileLock
from chaskiq_core.store.lanes import VOID_LEASES
from chaskiq_core.store.ledgers import Arrival, append_sqlite
from chaskiq_core.store.node import Node, take_node
from chaskiq_core.store.store import APPENDED, LULL_SECONDS, STREAM, Outcome, Store, end_of_webhooks_turn
from chaskiq_core.store.unit import Committed

R = TypeVar("R")

BATCH_SECONDS = 0.010
"""How long the writer goes on taking calls before it commits."""
BUSY_TIMEOUT_SECONDS = 5.0
IDLE_LOOK_SECONDS = 0.5
"""How often an idle writer looks whether the CLI wrote beside it."""
MAX_WAITING = 2_000
"""Calls, and as many appends again, that may wait; one more is refused with 503."""
RACE_TRIES = 3
UNSTORABLE = (sqlite3.IntegrityError, sqlite3.DataError, ValueError, OverflowError)
"""What the driver says of an arrival that no try will store."""
READERS = 4
log = logging.getLogger("chaskiq.store")


@dataclass(slots=True, eq=False)
class _Waiting:
    """One call or append, and the future of whoever waits for it."""

    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[object]"
    call: Call[object] | None = None
    arrival: Arrival | None = None
    outcome: Outcome[object] | None = None
    error: BaseException | None = None
    settled: bool = False


class SqliteStore(Store):
    """A SQLite file. `owner` is the one long-running process; others (the CLI) write short acts beside it."""

    def __init__(
        self,
        path: Path,
        *,
        owner: bool = True,
        on_commit: Callable[[Committed], None] | None = None,
        on_foreign_change: Callable[[], None] | None = None,
        undo_first_try: Callable[[Call[object]], bool] | None = None,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(**({"on_commit": on_commit} if on_commit else {}), undo_first_try=undo_first_try)
        self.path = path
        self._owner = owner
        self.on_foreign_change = on_foreign_change
        self._trace = trace
        self._file_lock = FileLock(path)
        self._writer = _engine(path, writer=True, checkpoints=owner, trace=trace)
        self._readers = _engine(path, writer=False, checkpoints=False, trace=trace)
        self._read_limiter = CapacityLimiter(READERS)
        self._ready = threading.Condition()
        self._calls: deque[_Waiting] = deque()
        self._appends: deque[_Waiting] = deque()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._data_version = 0
        self._acts_from = 0.0
        """Until then it is the webhooks' turn, as long as they stream in: no act is begun."""

    async def open(self) -> None:
        if self._owner:
            self._file_lock.take()
        try:
            node = await to_thread.run_sync(self._prepare)
        except (DBAPIError, sqlite3.Error) as error:
            self._file_lock.release()
            raise UnavailableError(f"SQLite database {self.path}: {_reason(error)}") from error
        self._is_node(node)
        self._thread = threading.Thread(target=self._write_batches, name="chaskiq-writer", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        with self._ready:
            self._closing = True
            self._ready.notify()
        if self._thread:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self._thread.join)
        self._writer.dispose()
        self._readers.dispose()
        self._file_lock.release()

    @property
    def busy(self) -> bool:
        return len(self._calls) >= MAX_WAITING

    async def append(self, arrival: Arrival) -> None:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(loop, loop.create_future(), arrival=arrival)
        await self._wait(waiting, self._appends)

    async def _carry_out(self, call: Call[R]) -> R:
        if call.readonly:
            return await to_thread.run_sync(self._read, call, limiter=self._read_limiter)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(loop, loop.create_future(), call=call)
        return await self._wait(waiting, self._calls)  # type: ignore[return-value]  # why: and found again here

    async def _wait(self, waiting: _Waiting, queue: deque[_Waiting]) -> object:
        with self._ready:
            if self._closing or self._thread is None:
                raise UnavailableError("the store is closed")
            if len(queue) >= MAX_WAITING:
                raise UnavailableError(f"{MAX_WAITING} calls are waiting for the database; try again in a moment")
            if not queue:
                self._ready.notify()  # the writer waits for no queue that is not empty
            queue.append(waiting)
        try:
            return await waiting.future
        except asyncio.CancelledError:
            with self._ready:
                if waiting in queue:  # not begun: it is withdrawn
                    queue.remove(waiting)
                    raise
            if not waiting.settled:  # begun: it is awaited to its end
                waiting.future = waiting.loop.create_future()
                with anyio.CancelScope(shield=True):
                    await asyncio.wait([waiting.future])
            if not waiting.future.cancelled():
                waiting.future.exception()  # nobody is left to hear it
            raise

    def _prepare(self) -> Node:
        """Bring the schema up; the node number of this process."""
        with self._writer.connect() as connection:
            with connection.begin():
                if migrate.current_version(connection) != migrate.latest_version():
                    migrate.upgrade(connection)
                node = take_node(connection)
                if self._owner:
                    connection.execute(VOID_LEASES)
            return node

    def _read(self, call: Call[R]) -> R:
        try:
            with self._readers.connect() as connection, connection.begin():
                return self._run(connection, call).result
        except DBAPIError as error:
            raise UnavailableError(f"SQLite could not read: {_reason(error)}") from error

    def _write_batches(self) -> None:
        """The writer thread: takes what waits until the store closes and nothing waits any more."""
        connection: Connection | None = None
        while True:
            with self._ready:
                if not (self._appends or self._calls or self._closing):
                    self._ready.wait(IDLE_LOOK_SECONDS)
                if not self._appends and time.monotonic() < self._acts_from:
                    self._ready.wait_for(lambda: self._appends or self._closing, LULL_SECONDS)
                    if not self._appends:
                        self._acts_from = 0.0
                if self._closing and not (self._appends or self._calls):
                    break
            try:
                connection = connection or self._writer.connect()
                self._look_beside(connection)
                if self._appends or self._calls:
                    self._write_batch(connection)
            except Exception as error:
                # The batch could not be begun or committed: everyone in it was told; start over with a new connection.
                log.error("SQLite: %s", _reason(error))
                self._fail_waiting(error)
                if connection is not None:
                    connection.invalidate()
                    connection.close()
                    connection = None
        if connection is not None:
            connection.close()

    def _look_beside(self, connection: Connection) -> None:
        """See whether another process (the CLI) wrote."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        version: int = driver.execute("PRAGMA data_version").fetchone()[0]
        if version != self._data_version:
            first, self._data_version = self._data_version == 0, version
            if not first and self.on_foreign_change:
                self.on_foreign_change()

    def _write_batch(self, connection: Connection) -> None:
        with self._ready:
            appends = list(self._appends)
            self._appends.clear()
            started = time.monotonic()
            alone = not self._calls or (bool(appends) and started < self._acts_from)
        batch = list(appends)
        try:
            if alone:
                self._append_alone(connection, appends)
                self._deliver(batch)
                return
            with connection.begin():
                self._append(connection, appends)
                while time.monotonic() < started + BATCH_SECONDS:
                    with self._ready:
                        if not self._calls:
                            break
                        waiting = self._calls.popleft()
                    batch.append(waiting)
                    self._run_saved(connection, waiting)
                    if self._appends:
                        break
        except UNSTORABLE:
            # Acts keep such errors to themselves: it was the appends, which come first.
            self._append_one_by_one(connection, appends)
            return
        except Exception as error:
            for waiting in batch:
                waiting.error = UnavailableError(f"SQLite could not commit: {_reason(error)}")
            self._deliver(batch)
            raise
        if len(appends) + len(self._appends) >= STREAM:
            self._acts_from = end_of_webhooks_turn(started)
        self._deliver(batch)

    def _append(self, connection: Connection, appends: list[_Waiting]) -> None:
        arrivals = [waiting.arrival for waiting in appends if waiting.arrival]
        if arrivals:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            append_sqlite(driver, arrivals)

    def _append_alone(self, connection: Connection, appends: list[_Waiting]) -> None:
        """Appends with no call beside them, in the driver's own transaction: SQLAlchemy's costs as much as rows."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("BEGIN IMMEDIATE")
        try:
            self._append(connection, appends)
            driver.execute("COMMIT")
        except BaseException:
            driver.rollback()
            raise

    def _append_one_by_one(self, connection: Connection, appends: list[_Waiting]) -> None:
        """One arrival of a group was refused by the database: find which, and keep the others."""
        for waiting in appends:
            try:
                with connection.begin():
                    self._append(connection, [waiting])
            except Exception as error:
                waiting.error = UnavailableError(f"the webhook could not be stored: {_reason(error)}")
        self._deliver(appends)

    def _run_saved(self, connection: Connection, waiting: _Waiting) -> None:
        """One act in a savepoint of its own, tried again when it lost a race."""
        call = waiting.call
        assert call is not None
        if self._wants_trial(call):
            trial = connection.begin_nested()
            try:
                self._run(connection, call)
            except (ChaskiqError, DBAPIError, StaleDataError):
                log.debug("the undone first try of %s raised", call.name, exc_info=True)
            _undo(trial)
        for attempt in range(RACE_TRIES):
            savepoint = connection.begin_nested()
            try:
                waiting.outcome = self._run(connection, call)
                savepoint.commit()
            except (IntegrityError, StaleDataError) as error:
                _undo(savepoint)
                if isinstance(error, IntegrityError) and "UNIQUE" not in _reason(error):
                    waiting.error = error
                    return
                if attempt + 1 == RACE_TRIES:
                    waiting.error = RaceError(_reason(error))
                continue
            except DBAPIError as error:
                if _is_fatal(error):
                    raise
                _undo(savepoint)
                waiting.error = error
            except BaseException as error:
                _undo(savepoint)
                waiting.error = error
            return

    def _fail_waiting(self, error: BaseException) -> None:
        """Tell everyone who still waits that nothing can be written now."""
        with self._ready:
            batch = [*self._appends, *self._calls]
            self._appends.clear()
            self._calls.clear()
        for waiting in batch:
            waiting.error = UnavailableError(f"SQLite can't be written now: {_reason(error)}")
        self._deliver(batch)

    def _deliver(self, batch: list[_Waiting]) -> None:
        """Hand the outcomes to the event loops they came from, one hop each."""
        loops: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        for waiting in batch:
            loops.setdefault(waiting.loop, []).append(waiting)
        for loop, group in loops.items():
            try:
                loop.call_soon_threadsafe(self._settle, group)
            except RuntimeError:
                log.warning("%d outcomes came after their event loop was closed", len(group))

    def _settle(self, group: list[_Waiting]) -> None:
        for waiting in group:
            waiting.settled = True
            if waiting.future.done():
                continue
            if waiting.error is not None:
                waiting.future.set_exception(waiting.error)
            else:
                waiting.future.set_result(waiting.outcome.result if waiting.outcome else None)
        if any(waiting.arrival and waiting.error is None for waiting in group):
            self.on_commit(APPENDED)
        for waiting in group:
            if waiting.outcome and waiting.error is None:
                self.on_commit(waiting.outcome.committed)


def _engine(path: Path, *, writer: bool, checkpoints: bool, trace: Callable[[str], None] | None) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool if writer else QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_SECONDS, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        if not checkpoints:
            connection.execute("PRAGMA wal_autocheckpoint = 0")
        if not writer:
            connection.execute("PRAGMA query_only = ON")
        if trace:
            connection.set_trace_callback(trace)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Before the first read: else the prefetch would read outside the transaction, and updates could be lost.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _undo(savepoint: NestedTransaction) -> None:
    if savepoint.is_active:  # a failed flush has undone it already
        savepoint.rollback()


def _is_fatal(error: DBAPIError) -> bool:
    """Whether nothing can be written now: disk full, I/O error, a locked file."""
    return isinstance(error.orig, sqlite3.OperationalError) and any(
        word in str(error.orig) for word in ("full", "I/O", "locked", "readonly", "unable to open", "malformed")
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, DBAPIError) and error.orig is not None:
        return str(error.orig)
    return str(error) if isinstance(error, ChaskiqError | sqlite3.Error) else f"{type(error).__name__}: {error}"
