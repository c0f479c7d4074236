"""What many ask at the same time is done in one go: whoever comes first does it for those who came meanwhile."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio
from anyio.lowlevel import checkpoint

from chaskiq_core.correlation import correlated
from chaskiq_core.errors import UnavailableError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True, eq=False)
class _Asked(Generic[T, R]):
    item: T
    called: anyio.Event = field(default_factory=anyio.Event)
    """It has its answer, or it is its turn to do the work."""
    answer: list[R] = field(default_factory=list)
    error: Exception | None = None
    gone: bool = False
    """Nobody waits for it any more."""


class Together(Generic[K, T, R]):
    """Carries items out, one batch of a key (an App, say) at a time; a lone item goes at once and alone.

    No task of its own: who asks while nobody works does the work of all who wait, and passes it on to the next. An
    item whose batch failed is carried out once more by itself, so that each asker hears of its own error only. An
    asker that is cancelled while it works for others leaves them to the next: what is carried out must bear a repeat.
    """

    def __init__(self, carry_out: Callable[[K, tuple[T, ...]], Awaitable[Sequence[R]]], *, most: int = 32) -> None:
        self._carry_out = carry_out
        self._most = most
        self._waiting: dict[K, deque[_Asked[T, R]]] = defaultdict(deque)
        self._busy: set[K] = set()

    async def __call__(self, key: K, item: T) -> R:
        """The item's result; raises what carrying it out raised."""
        mine = _Asked[T, R](item)
        self._waiting[key].append(mine)
        if key in self._busy:
            try:
                await mine.called.wait()
            except anyio.get_cancelled_exc_class():
                self._forget(key, mine)
                raise
        if not mine.answer and mine.error is None:
            self._busy.add(key)
            try:
                await checkpoint()  # those who ask in the same round of the event loop come along
                await self._work(key, mine)
            finally:
                self._pass_on(key, mine)
        if mine.error is not None:
            raise mine.error
        return mine.answer[0]

    async def _work(self, key: K, mine: _Asked[T, R]) -> None:
        """Carry out what waits, from `mine` on."""
        waiting = self._waiting[key]
        batch = [waiting.popleft() for _ in range(min(len(waiting), self._most))]
        assert batch[0] is mine
        try:
            await self._answer(key, batch)
        except anyio.get_cancelled_exc_class():
            waiting.extendleft(one for one in reversed(batch[1:]) if not (one.called.is_set() or one.gone))
            raise

    async def _answer(self, key: K, batch: Sequence[_Asked[T, R]]) -> None:
        try:
            # Of one it is done in that one's name; of several in nobody's.
            if len(batch) == 1:
                results = await self._carry_out(key, (batch[0].item,))
            else:
                with correlated(None):
                    results = await self._carry_out(key, tuple(one.item for one in batch))
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, UnavailableError):
                for one in batch:
                    await self._answer(key, [one])
                return
            for one in batch:
                one.error = error
                one.called.set()
            return
        for one, result in zip(batch, results, strict=True):
            one.answer.append(result)
            one.called.set()

    def _forget(self, key: K, mine: _Asked[T, R]) -> None:
        """An asker that waited has gone."""
        mine.gone = True
        if mine.called.is_set():
            if not mine.answer and mine.error is None:
                self._pass_on(key, mine)  # it was its turn
        elif mine in self._waiting[key]:
            self._waiting[key].remove(mine)

    def _pass_on(self, key: K, mine: _Asked[T, R]) -> None:
        waiting = self._waiting[key]
        if mine in waiting:
            waiting.remove(mine)  # cancelled before it began
        if waiting:
            waiting[0].called.set()
        else:
            self._busy.discard(key)
            del self._waiting[key]
