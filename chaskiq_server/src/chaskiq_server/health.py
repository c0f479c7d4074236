"""Whether the server lives, and whether it can work."""

from functools import cache

import anyio
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from chaskiq_core import Chaskiq
from chaskiq_core.errors import ChaskiqError
from chaskiq_core.store.migrate import latest_version, read_version
from chaskiq_server.problems import Problem
from chaskiq_server.redis_ping import redis_silence

router = APIRouter(tags=["health"])

READY_SECONDS = 2.0
"""How long the database, and Redis, may take to answer."""
needed_version = cache(latest_version)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=None)
async def readyz(request: Request) -> Response:
    """The database answers and has our schema; Redis answers, where there is one."""
    chaskiq: Chaskiq = request.app.state.chaskiq
    reason = await _what_is_missing(chaskiq)
    if reason is not None:
        return Problem(503, reason, headers={"retry-after": "1"})
    return JSONResponse({"status": "ok"})


async def _what_is_missing(chaskiq: Chaskiq) -> str | None:
    try:
        with anyio.fail_after(READY_SECONDS):
            version = await chaskiq.store.house_read(read_version)
    except (ChaskiqError, TimeoutError):
        return "the database does not answer"
    if version != needed_version():
        return f"the database's schema is {version or 'missing'}, this server needs {needed_version()}"
    url = chaskiq.settings.redis_url
    if url and await redis_silence(url, timeout_seconds=READY_SECONDS) is not None:
        return "Redis does not answer"
    return None
