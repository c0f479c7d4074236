"""A turn: how long a drain may go on with what it has, until others are due or the worker is told to stop."""

import time

TURN_SECONDS = 20.0
"""How long a lane is worked on before others have their turn."""


class Stop:
    """Told once that it is time to end; whoever works looks at it between two steps."""

    def __init__(self) -> None:
        self.told = False


class Turn:
    """One drain's turn; it begins when it is made."""

    def __init__(self, stop: Stop | None = None, *, seconds: float = TURN_SECONDS) -> None:
        self._stop = stop or Stop()
        self._until = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Whether what is in hand should be the last."""
        return self._stop.told or time.monotonic() >= self._until
