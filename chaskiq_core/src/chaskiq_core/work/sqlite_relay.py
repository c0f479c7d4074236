"""The relay beside SQLite: own commits at once, those of a command beside us from the file, all in the file's order."""

from collections.abc import Sequence

from chaskiq_core.errors import ChaskiqError
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.changes import read_after, read_last_id
from chaskiq_core.work.relay import Relay, log

PAGE = 200
AGAIN_SECONDS = 1.0


class SqliteRelay(Relay):
    """Ids of changes have no gaps: one that is missing is another process's, and is fetched before what follows it."""

    _last_id = 0

    def committed(self, changes: Sequence[Published]) -> None:
        for change in changes:
            _, id_ = change.position
            if id_ == self._last_id + 1:
                self._hand(change)
            elif id_ > self._last_id:
                self.look_again()

    async def _begin(self) -> None:
        self._last_id = await self._store.house_read(read_last_id)

    async def _run(self) -> None:
        again: float | None = None
        while True:
            await self._until_wanted(again)
            try:
                await self._look()
                again = None
            except ChaskiqError as error:
                log.warning("changes could not be read: %s", error)
                again = AGAIN_SECONDS
            except Exception:  # it must not end what runs beside it
                log.exception("changes could not be read")
                again = AGAIN_SECONDS

    async def _look(self) -> None:
        while found := await self._store.house_read(read_after, self._last_id, limit=PAGE):
            for change in found:
                if change.position[1] > self._last_id:
                    self._hand(change)

    def _hand(self, change: Published) -> None:
        _, self._last_id = change.position
        self._bus.publish(change)
