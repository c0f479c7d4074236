"""Whether the server lives, and whether it can work."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from chaskiq_core import Chaskiq
from chaskiq_core.errors import ChaskiqError
from chaskiq_core.staff.tokens import sign_in
from chaskiq_server.problems import Problem

router = APIRouter(tags=["health"])

NOBODY = "0" * 64
"""A hash that no token has: looking it up is a read of one index."""


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=None)
async def readyz(request: Request) -> Response:
    """The database answers; its schema was looked at when the server started."""
    chaskiq: Chaskiq = request.app.state.chaskiq
    try:
        await chaskiq.store.house_read(sign_in, NOBODY)
    except ChaskiqError:
        return Problem(503, "the database does not answer", headers={"retry-after": "1"})
    return JSONResponse({"status": "ok"})
