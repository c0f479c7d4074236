"""Webhooks that an operator looks after, element by element."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import JSONResponse

from chaskiq_core.desk import dead_letters
from chaskiq_core.desk.dead_letters import InboundView
from chaskiq_server.rest.answers import answer_json, answer_page
from chaskiq_server.rest.route import FIRST_PAGE, Acting, After, Limit, resource
from chaskiq_server.rest.shapes import page_of, shape_of

router = resource("inbound")


class Replayed(BaseModel):
    """An element that is taken in again."""

    id: str
    state: str


@router.get("", response_model=page_of(shape_of(InboundView)))
async def list_inbound(
    acting: Acting,
    state: Annotated[str, Query(max_length=20)] = "failed",
    after: After = None,
    limit: Limit = FIRST_PAGE,
) -> JSONResponse:
    """Elements of webhooks in a state, newest first."""
    return answer_page(await acting.read(dead_letters.inbound, state=state, after=after, limit=limit))


@router.post("/{item_id}/replay", response_model=Replayed)
async def replay(acting: Acting, item_id: str) -> JSONResponse:
    """Take an element in again; what we have already is not added twice."""
    return answer_json({"id": await acting.write(dead_letters.replay, item_id), "state": "pending"})
