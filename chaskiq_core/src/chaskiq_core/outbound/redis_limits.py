"""The budgets of all workers in one Redis: taken by a script, so that no two workers take the same message's room."""

import logging
import time
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from chaskiq_core.outbound.budgets import Budget, Wait
from chaskiq_core.outbound.limits import MemoryLimits

TIMEOUT_SECONDS = 1.0
AGAIN_SECONDS = 5.0
"""How long a Redis that is away is left alone; until then each process keeps the budgets by itself."""
PREFIX = "chaskiq:limits:"

# The same rule as MemoryLimits', by Redis' own clock. Times are written with six digits: Lua would cut them.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local wait, which, untils = 0, 0, {}
for n, key in ipairs(KEYS) do
    local interval, burst, count = tonumber(ARGV[3*n-2]), tonumber(ARGV[3*n-1]), tonumber(ARGV[3*n])
    local kept = redis.call('HMGET', key, 'used', 'paused')
    local used, paused = tonumber(kept[1] or '0'), tonumber(kept[2] or '0')
    untils[n] = math.max(used, now) + math.min(count, burst) * interval
    local one = math.max(untils[n] - burst * interval, paused) - now
    if one > 0.000001 and one > wait then wait, which = one, n end
end
if which == 0 then
    for n, key in ipairs(KEYS) do
        if untils[n] > now then
            redis.call('HSET', key, 'used', string.format('%.6f', untils[n]))
            local paused = tonumber(redis.call('HGET', key, 'paused') or '0')
            redis.call('PEXPIRE', key, math.ceil((math.max(untils[n], paused) - now) * 1000) + 1000)
        end
    end
end
return {which, string.format('%.6f', wait)}
"""
_PAUSE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'used', 'paused')
local paused = math.max(tonumber(kept[2] or '0'), now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'paused', string.format('%.6f', paused))
local last = math.max(tonumber(kept[1] or '0'), paused)
redis.call('PEXPIRE', KEYS[1], math.ceil((last - now) * 1000) + 1000)
"""
log = logging.getLogger("chaskiq.outbound")


class RedisLimits:
    """The budgets that all processes share; without Redis each goes on with its own."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
        self._take = self._redis.register_script(_TAKE)
        self._pause = self._redis.register_script(_PAUSE)
        self._own = MemoryLimits()
        self._away_until = 0.0

    async def take(self, budgets: Sequence[Budget], *, count: int = 1) -> Wait | None:
        if time.monotonic() >= self._away_until:
            numbers = [number for one in budgets for number in (one.interval, one.burst, count)]
            try:
                which, seconds = await self._take(keys=[PREFIX + one.name for one in budgets], args=numbers)
            except (RedisError, OSError) as error:
                self._is_away(error)
            else:
                if not which:
                    return None
                return Wait(seconds=float(seconds), whole_account=budgets[int(which) - 1].whole_account)
        return self._own.take_now(budgets, count=count)

    async def pause(self, budget: Budget, seconds: float) -> None:
        await self._own.pause(budget, seconds)
        try:
            await self._pause(keys=[PREFIX + budget.name], args=[seconds])
        except (RedisError, OSError) as error:
            self._is_away(error)

    async def close(self) -> None:
        """Let go of Redis."""
        await self._redis.aclose()

    def _is_away(self, error: Exception) -> None:
        log.warning("the limits are kept by each process alone, Redis does not answer: %s", type(error).__name__)
        self._away_until = time.monotonic() + AGAIN_SECONDS
