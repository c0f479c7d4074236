"""How long a lane waits after an error. Pure, but for its jitter."""

import random
from datetime import timedelta

from chaskiq_core.errors import RetryLaterError, SendError

FIRST_SECONDS = 1.0
MAX_SECONDS = 600.0


def back_off(error: SendError, attempts: int) -> timedelta:
    """What the provider asked for, else exponential back-off; with jitter, so that chats do not come back at once."""
    asked = error.retry_after_seconds if isinstance(error, RetryLaterError) else None
    if asked is not None:
        return timedelta(seconds=max(0.0, asked) + random.uniform(0.0, 0.25))
    backoff = min(FIRST_SECONDS * 2 ** (attempts - 1), MAX_SECONDS)
    return timedelta(seconds=backoff * random.uniform(0.75, 1.25))
