"""Whether Redis answers, asked once over a connection of its own."""

from contextlib import suppress

import anyio


async def redis_silence(url: str, *, timeout_seconds: float) -> str | None:
    """What kind of error came instead of an answer; None: it answers. Never its text: redis-py quotes the URL."""
    # a third of a second that most commands do not need
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    redis: Redis | None = None
    try:
        with anyio.fail_after(timeout_seconds):
            redis = Redis.from_url(url, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds)
            await redis.ping()
    except (RedisError, OSError, ValueError) as error:
        return type(error).__name__
    finally:
        if redis is not None:
            with suppress(RedisError, OSError):
                await redis.aclose()
    return None
