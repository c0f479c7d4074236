"""The store: carries out calls on one database, each in a transaction, and says what may leave after the commit."""

import abc
import copy
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection

from chaskiq_core.correlation import correlated, correlation_id
from chaskiq_core.errors import NotFoundError
from chaskiq_core.media.links import MediaLinks
from chaskiq_core.model import App, LaneKind
from chaskiq_core.model.ids import AppId
from chaskiq_core.plugin.manifest import Manifest
from chaskiq_core.store.call import Actor, Call, NoticeRule, check_values, new_call_id, running_act, utc_now
from chaskiq_core.store.clock import IdClock
from chaskiq_core.store.ledgers import Arrival
from chaskiq_core.store.node import Node
from chaskiq_core.store.unit import Committed, HouseUnit, Unit

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

SLOW_ACT_SECONDS = 0.05
WEBHOOKS_SHARE = 3
"""While webhooks stream in: how many times the time that acts took is theirs before the next act is begun.

An act that was slow, or waited for a lock, counts as `SLOW_ACT_SECONDS`.
"""
STREAM = 4
"""How many must wait at once: a few, one after another, leave the acts their time."""
LULL_SECONDS = 0.005
"""A stream of them has no longer pause than that."""
FOUND_APP_SECONDS = 1.0
"""How long an App's key may be taken from memory."""
APPENDED = Committed(woken=frozenset({LaneKind.INBOUND}))
SYSTEM = Actor(kind="system", name="house")
log = logging.getLogger("chaskiq.store")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R_co]):
    """What one run of an act came to, before its commit."""

    result: R_co
    committed: Committed
    xid: int
    """The transaction on PostgreSQL, by which a lost COMMIT is settled; 0 on SQLite."""


def _nobody_listens(committed: Committed) -> None:
    """The default of `on_commit`."""


class Store(abc.ABC):
    """One database. `on_commit` hears of every commit, in the event loop; it must not raise."""

    def __init__(
        self,
        *,
        on_commit: Callable[[Committed], None] = _nobody_listens,
        undo_first_try: Callable[[Call[object]], bool] | None = None,
    ) -> None:
        self.on_commit = on_commit
        self._undo_first_try = undo_first_try
        """Tests say here which acts are carried out, flushed and undone before the run that counts."""
        self.listeners: Mapping[str, tuple[str, ...]] = {}
        """Which plugins listen to which observer hook; the hub sets it once, before it opens the store."""
        self.manifests: Mapping[str, Manifest] = {}
        """What the channels say of themselves, by provider; set by the hub, too."""
        self.media_links: MediaLinks | None = None
        """Makes the addresses of media that views show; set by the hub, too."""
        self.notices: NoticeRule | None = None
        """When people are told by e-mail of what they have not read; None: they are not."""
        self._app_ids: dict[str, tuple[AppId, float]] = {}
        self.clock = IdClock(0)
        self.epoch = ""
        """The database's own name, once it is open: what two installations share must carry it."""

    @abc.abstractmethod
    async def open(self) -> None:
        """Connect; raises UnavailableError with a sentence if that can't be done."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Finish what has started and let go of the database."""

    @abc.abstractmethod
    async def append(self, arrival: Arrival) -> None:
        """Store a webhook with its items and lanes; returns once it is on disk, together with its neighbours."""

    @abc.abstractmethod
    async def _carry_out(self, call: Call[R]) -> R:
        """Run a call in a transaction until it is settled."""

    @property
    @abc.abstractmethod
    def busy(self) -> bool:
        """Whether the store has no room for more calls now."""

    async def house_write(self, act: Callable[Concatenate[HouseUnit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Carry out an act over all Apps: for `work`, `integrations.find` and `staff` only."""
        return await self._carry_out(self._call(act, args, kwargs, app_id=None, actor=SYSTEM))

    async def house_read(self, act: Callable[Concatenate[HouseUnit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same, reading only."""
        return await self._carry_out(self._call(act, args, kwargs, app_id=None, actor=SYSTEM, readonly=True))

    def acting(self, app_id: AppId, actor: Actor = SYSTEM) -> "Acting":
        """The same store, bound to one App and to who asks."""
        return Acting(self, app_id, actor)

    async def app_id(self, key: str) -> AppId:
        """The App of that key; NotFoundError otherwise. A key that isn't there is asked for each time."""
        known = self._app_ids.get(key)
        if known and known[1] > time.monotonic():
            return known[0]
        found = await self.house_read(_find_app, key)
        if found is None:
            raise NotFoundError(f"no App has the key {key[:64]!r}")
        self._app_ids[key] = (found, time.monotonic() + FOUND_APP_SECONDS)
        return found

    def _call(
        self,
        act: Callable[..., R],
        args: tuple[object, ...],
        kwargs: dict[str, object],
        *,
        app_id: AppId | None,
        actor: Actor,
        readonly: bool = False,
    ) -> Call[R]:
        call = Call(
            act=act,
            args=args,
            kwargs=kwargs,
            app_id=app_id,
            actor=actor,
            call_id=new_call_id(),
            now=utc_now(),
            clock=self.clock,
            listeners=self.listeners,
            manifests=self.manifests,
            media_links=self.media_links,
            notices=self.notices,
            correlation_id=correlation_id(),
            readonly=readonly,
        )
        check_values(call)
        return call

    def _is_node(self, node: Node) -> None:
        """What the database told this process when it was opened."""
        self.clock = IdClock(node.number)
        self.epoch = node.epoch

    def _wants_trial(self, call: Call[R]) -> bool:
        undo = self._undo_first_try
        return bool(undo and not call.readonly and call.tries == 0 and undo(call))

    def _run(self, connection: Connection, call: Call[R]) -> Outcome[R]:
        """One run of an act on a fresh unit, up to but without its commit."""
        with correlated(call.correlation_id):  # a writer's thread does not know whose call it has
            return self._run_once(connection, call)

    def _run_once(self, connection: Connection, call: Call[R]) -> Outcome[R]:
        call.tries += 1
        unit = Unit(connection, call) if call.app_id is not None else HouseUnit(connection, call)
        started = time.monotonic()
        mark = running_act.set(call.name)
        try:
            # A run must not see what an earlier run did to a mapping that it was given.
            args, kwargs = copy.deepcopy((call.args, dict(call.kwargs))) if call.kwargs or call.args else ((), {})
            result = call.act(unit, *args, **kwargs)
            committed, xid = unit.finish()
        finally:
            running_act.reset(mark)
            unit.close()
        if (took := time.monotonic() - started) > SLOW_ACT_SECONDS:
            log.warning("act %s took %d ms; an act should stay below 50", call.name, took * 1000)
        return Outcome(result, committed, xid)


@dataclass(frozen=True, slots=True)
class Acting:
    """The store as one actor in one App sees it: the only way a door reads or writes."""

    store: Store
    app_id: AppId
    actor: Actor

    async def write(self, act: Callable[Concatenate[Unit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Carry out an act in one transaction; then its changes are sent and its lanes woken.

        The act may be run more than once, with the effect of once. Raises what the act raises (RefusalError),
        RaceError, or UnavailableError: nothing was changed then.
        """
        store = self.store
        return await store._carry_out(store._call(act, args, kwargs, app_id=self.app_id, actor=self.actor))

    async def read(self, act: Callable[Concatenate[Unit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Carry out an act in a read-only transaction."""
        store = self.store
        return await store._carry_out(
            store._call(act, args, kwargs, app_id=self.app_id, actor=self.actor, readonly=True)
        )


def _find_app(house: HouseUnit, key: str) -> AppId | None:
    return house.first(house.select(App.id).where(App.key == key))


def end_of_webhooks_turn(acts_started: float) -> float:
    """Until when it is the webhooks' turn, after acts that began at that monotonic time."""
    now = time.monotonic()
    return now + WEBHOOKS_SHARE * min(now - acts_started, SLOW_ACT_SECONDS)
