"""The Unit: one transaction's work on one App, and the only way an act touches the database."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar, overload

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    Update,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import CursorResult, Row
from sqlalchemy.orm import InstrumentedAttribute, Session, make_transient_to_detached
from sqlalchemy.sql.base import Executable

from chaskiq_core.correlation import correlated
from chaskiq_core.errors import CallError
from chaskiq_core.media.links import SHOWN_FOR
from chaskiq_core.model import App, Change, ItemState, Job, LaneKind
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.model.table import JsonObject, Table
from chaskiq_core.plugin.manifest import Manifest
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.call import Actor, Call, NoticeRule
from chaskiq_core.store.wakes import Wake, wake_lanes

M = TypeVar("M", bound=Table)
A = TypeVar("A")
B = TypeVar("B")

TABLE_ORDER = {table.name: n for n, table in enumerate(Table.metadata.sorted_tables)}
NORMAL_PRIORITY = 100
XID: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint")
_CHANGES = Table.metadata.tables[Change.__tablename__]
CHANGES_SQLITE: Executable = insert(_CHANGES)
LAST_CHANGE: Executable = text("SELECT last_insert_rowid()")
# The database's own clock, just before the commit: by it a reader knows how far back a late commit can be (`changes`).
CHANGES_POSTGRES: Executable = (
    insert(_CHANGES)
    .values(xid=XID, created_at=func.clock_timestamp())
    .returning(_CHANGES.c.id, _CHANGES.c.xid, sort_by_parameter_order=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What may leave the unit after its commit: changes to send and kinds of lanes to wake."""

    published: tuple[Published, ...] = ()
    woken: frozenset[LaneKind] = frozenset()


@dataclass(slots=True)
class _Effects:
    changes: list[dict[str, object]] = field(default_factory=list)
    wakes: list[Wake] = field(default_factory=list)


class HouseUnit:
    """A transaction over all Apps: for `store`, `work`, `integrations.find` and `staff` only."""

    def __init__(self, connection: Connection, call: Call[object]) -> None:
        self._connection = connection
        self._call = call
        self._session = Session(
            connection, autoflush=False, expire_on_commit=False, join_transaction_mode="rollback_only"
        )
        self._pending: dict[str, list[Table]] = defaultdict(list)
        self._effects = _Effects()
        self._correlation_id = call.correlation_id
        self._ids = 0
        self._keys = 0

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self._call.actor

    @property
    def now(self) -> datetime:
        """The call's time: the same on each run."""
        return self._call.now

    @property
    def call_id(self) -> str:
        """The call's name: the same on each run."""
        return self._call.call_id

    @property
    def correlation_id(self) -> str | None:
        """Whose work it is: the call's, or what `working_for` says."""
        return self._correlation_id

    @contextmanager
    def working_for(self, correlation_id: str | None) -> Iterator[None]:
        """Within, what is done is another's work: a batch holds many requests'."""
        before, self._correlation_id = self._correlation_id, correlation_id
        try:
            with correlated(correlation_id):
                yield
        finally:
            self._correlation_id = before

    @property
    def listeners(self) -> Mapping[str, tuple[str, ...]]:
        """Which plugins listen to which observer hook."""
        return self._call.listeners

    @property
    def notices(self) -> NoticeRule | None:
        """When people are told by e-mail of what they have not read; None: they are not."""
        return self._call.notices

    @property
    def manifests(self) -> Mapping[str, Manifest]:
        """What the enabled channels say of themselves, by provider."""
        return self._call.manifests

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite, for the few statements that differ."""
        return self._connection.dialect.name == "sqlite"

    def new_id(self) -> int:
        """The next row id of this call."""
        self._ids += 1
        return self._call.nth_id(self._ids - 1)

    def new_key(self) -> str:
        """A random key of 24 characters, for what leaves the house."""
        self._keys += 1
        return self._call.nth_key(self._keys - 1)

    @overload
    def select(self, entity: type[M], /) -> Select[M]: ...
    @overload
    def select(self, entity: InstrumentedAttribute[A], /) -> Select[A]: ...
    @overload
    def select(self, entity: type[A], other: type[B], /) -> Select[A, B]: ...
    def select(self, *entities: object) -> Select[*tuple[object, ...]]:
        """A SELECT over what this unit may see."""
        return self._scoped_select(select(*entities), entities)  # type: ignore[call-overload]  # why: the overloads above say it

    def update(self, table: type[M]) -> Update:
        """An UPDATE of what this unit may write."""
        return update(table).execution_options(synchronize_session=False)

    def delete(self, table: type[M]) -> Delete:
        """A DELETE of what this unit may write."""
        return delete(table).execution_options(synchronize_session=False)

    def all(self, statement: Select[A]) -> Sequence[A]:
        """All first columns of the rows."""
        return self._session.scalars(statement).all()

    def first(self, statement: Select[A]) -> A | None:
        """The first column of the first row, or None."""
        return self._session.scalars(statement.limit(1)).first()

    def rows(self, statement: Select[A, B]) -> Sequence[Row[A, B]]:
        """All rows."""
        return self._session.execute(statement).all()

    def lock(self, statement: Select[M]) -> Sequence[M]:
        """The rows, held until the commit and read anew; order the statement by id, so that two units can't cross."""
        return self._session.scalars(statement.with_for_update().execution_options(populate_existing=True)).all()

    def change(self, statement: Update | Delete) -> int:
        """Carry out an UPDATE or DELETE; how many rows it met."""
        self._forbid_in_read()
        result = self._session.execute(statement)
        assert isinstance(result, CursorResult)
        return result.rowcount

    def execute(
        self, statement: Executable, parameters: Mapping[str, object] | None = None
    ) -> Sequence[Row[*tuple[object, ...]]]:
        """Carry out SQL of `store`'s own; its rows, if it returns any."""
        result = self._connection.execute(statement, parameters or {})
        return result.all() if result.returns_rows else ()

    def execute_each(self, statement: Executable, parameters: Sequence[Mapping[str, object]]) -> None:
        """Carry out SQL of `store`'s own for each set of parameters, in their order, in one round trip."""
        if parameters:
            self._connection.execute(statement, list(parameters))

    def add(self, row: M) -> M:
        """Insert a row at the next flush."""
        self._forbid_in_read()
        self._pending[row.__tablename__].append(row)
        return row

    def flush(self) -> None:
        """Write what is pending: new rows table by table in one fixed order, with the changes of loaded ones."""
        self._forbid_in_read()
        for name in sorted(self._pending, key=TABLE_ORDER.__getitem__):
            self._session.add_all(self._pending[name])
            self._session.flush()
        self._pending.clear()
        self._session.flush()

    def claim(self, row: Table, *, on: Sequence[str]) -> bool:
        """Insert a row unless its key `on` is taken; False says "we have it already", and nothing was changed."""
        return bool(self.claim_all([row], on=on))

    def claim_all(self, rows: Sequence[M], *, on: Sequence[str]) -> list[M]:
        """Insert the rows whose key `on` is free, in one statement; those that are now ours, in the given order."""
        if not rows:
            return []
        self._forbid_in_read()
        columns = [attribute.key for attribute in type(rows[0]).__mapper__.column_attrs]
        values = [{name: getattr(row, name) for name in columns} for row in rows]
        statement = _claim_statement(type(rows[0]), tuple(on), self.is_sqlite)
        ours = {tuple(found) for found in self._connection.execute(statement, values)}
        claimed: list[M] = []
        for row in rows:
            if (name := tuple(getattr(row, column) for column in on)) in ours:
                ours.discard(name)
                make_transient_to_detached(row)
                self._session.add(row)
                claimed.append(row)
        return claimed

    def finish(self) -> tuple[Committed, int]:
        """Write what is left; what may leave after the commit, and the transaction's id (0 where it has none)."""
        if self._call.readonly:
            return Committed(), 0
        self.flush()
        published, xid = self._insert_changes()
        wake_lanes(self._connection, self._effects.wakes)
        woken = frozenset(wake.kind for wake in self._effects.wakes)
        return Committed(published=published, woken=woken), xid

    def close(self) -> None:
        """Let go of all rows."""
        self._session.close()

    def _insert_changes(self) -> tuple[tuple[Published, ...], int]:
        changes = self._effects.changes
        if not changes:
            return (), 0
        places = self._place_on_sqlite(changes) if self.is_sqlite else self._place_on_postgres(changes)
        return tuple(
            Published(
                app_id=change["app_id"],  # type: ignore[arg-type]  # why: `publish` put it there
                stream=str(change["stream"]),
                audience=str(change["audience"]),
                payload=change["payload"],  # type: ignore[arg-type]  # why: `publish` put it there
                position=place,
            )
            for change, place in zip(changes, places, strict=True)
        ), places[0][0]

    def _place_on_sqlite(self, changes: list[dict[str, object]]) -> list[tuple[int, int]]:
        """There is one writer, so its ids follow each other; RETURNING would make each row a statement of its own."""
        self._connection.execute(CHANGES_SQLITE, [{**change, "xid": 0, "created_at": self.now} for change in changes])
        last: int = self._connection.execute(LAST_CHANGE).scalar_one()
        return [(0, last - n) for n in reversed(range(len(changes)))]

    def _place_on_postgres(self, changes: list[dict[str, object]]) -> list[tuple[int, int]]:
        return [(place.xid, place.id) for place in self._connection.execute(CHANGES_POSTGRES, changes)]

    def _scoped_select(
        self, statement: Select[*tuple[object, ...]], entities: Sequence[object]
    ) -> Select[*tuple[object, ...]]:
        return statement.prefix_with("/* house */")

    def _forbid_in_read(self) -> None:
        if self._call.readonly:
            raise CallError(f"{self._call.name} was called with read() and writes; call it with write()")


class Unit(HouseUnit):
    """A transaction on one App: every statement that it makes carries the App."""

    def __init__(self, connection: Connection, call: Call[object]) -> None:
        super().__init__(connection, call)
        assert call.app_id is not None
        self.app_id: AppId = call.app_id
        self._app_key: str | None = None

    def update(self, table: type[M]) -> Update:
        """An UPDATE of this App's rows."""
        return super().update(table).where(table.__table__.c.app_id == self.app_id)

    def delete(self, table: type[M]) -> Delete:
        """A DELETE of this App's rows."""
        return super().delete(table).where(table.__table__.c.app_id == self.app_id)

    def publish(self, stream: str, *, audience: str, payload: JsonObject) -> None:
        """Say something on a stream: a row in `changes`, sent after the commit."""
        self._forbid_in_read()
        self._effects.changes.append(
            {"app_id": self.app_id, "stream": stream, "audience": audience, "payload": payload}
        )

    def media_url(self, key: str, *, valid_for: timedelta = SHOWN_FOR) -> str | None:
        """Where a file of this App can be fetched from now on; None in a house that serves no files."""
        links = self._call.media_links
        if links is None:
            return None
        if self._app_key is None:
            self._app_key = self.first(self.select(App.key).where(App.id == self.app_id))
        return links.url(str(self._app_key), key, now=self.now, valid_for=valid_for)

    def wake(
        self,
        kind: LaneKind,
        lane_key: str,
        *,
        due: datetime | None = None,
        integration_id: IntegrationId | None = None,
        priority: int = NORMAL_PRIORITY,
    ) -> None:
        """Say that a lane has something to do, now or at `due`."""
        self._forbid_in_read()
        self._effects.wakes.append(
            Wake(
                app_id=self.app_id,
                kind=kind,
                key=lane_key,
                due=due or self.now,
                integration_id=integration_id,
                priority=priority,
            )
        )

    def enqueue(
        self,
        kind: str,
        key: str,
        payload: JsonObject,
        *,
        lane_key: str | None = None,
        due: datetime | None = None,
        integration_id: IntegrationId | None = None,
    ) -> bool:
        """Add a Job unless one of that key was ever added; its lane is its key unless it must keep an order."""
        lane = lane_key or key
        job = Job(
            app_id=self.app_id,
            id=self.new_id(),
            kind=kind,
            key=key,
            lane_key=lane,
            payload=payload,
            state=ItemState.PENDING,
            due_at=due or self.now,
            attempts=0,
            error=None,
            created_at=self.now,
            finished_at=None,
            correlation_id=self.correlation_id,
        )
        added = self.claim(job, on=("app_id", "key"))
        if added:
            self.wake(LaneKind.JOB, lane, due=due, integration_id=integration_id)
        return added

    def _scoped_select(
        self, statement: Select[*tuple[object, ...]], entities: Sequence[object]
    ) -> Select[*tuple[object, ...]]:
        for entity in entities:
            table = entity.class_ if isinstance(entity, InstrumentedAttribute) else entity
            app_id = getattr(table, "app_id", None)
            if app_id is not None:
                statement = statement.where(app_id == self.app_id)
        return statement


@cache
def _claim_statement(row: type[Table], on: tuple[str, ...], is_sqlite: bool) -> Executable:
    """Made once per table and key: a statement made anew is compiled anew."""
    table = row.__table__
    assert isinstance(table, SqlTable)
    statement = (sqlite_insert if is_sqlite else postgres_insert)(table)
    return statement.on_conflict_do_nothing(index_elements=list(on)).returning(*(table.c[name] for name in on))
