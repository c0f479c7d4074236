"""Webhooks that an operator looks after, element by element."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse

from chaskiq_core.desk import dead_letters
from chaskiq_core.desk import replay as replays
from chaskiq_core.desk.dead_letters import InboundView
from chaskiq_core.desk.replay import ReplayView
from chaskiq_server.rest.answers import answer, answer_json, answer_page
from chaskiq_server.rest.route import FIRST_PAGE, Acting, After, Input, Limit, resource
from chaskiq_server.rest.shapes import page_of, shape_of

router = resource("inbound")


class Replayed(BaseModel):
    """An element that is taken in again."""

    id: str
    state: str


class Span(Input):
    """What is taken in again."""

    since: AwareDatetime = Field(strict=False)
    until: AwareDatetime | None = Field(None, strict=False, description="now, if left out")
    state: Literal["failed", "ignored", "done", "all"] = "failed"
    integration_id: str | None = Field(None, min_length=1, max_length=64)
    live: bool = Field(False, description="with unread counts, bots and reopening, as if it came now")


@router.get("", response_model=page_of(shape_of(InboundView)))
async def list_inbound(
    acting: Acting,
    state: Annotated[str, Query(max_length=20)] = "failed",
    after: After = None,
    limit: Limit = FIRST_PAGE,
) -> JSONResponse:
    """Elements of webhooks in a state, newest first."""
    return answer_page(await acting.read(dead_letters.inbound, state=state, after=after, limit=limit))


@router.post("/replay", status_code=202, response_model=shape_of(ReplayView))
async def replay_span(acting: Acting, span: Span) -> JSONResponse:
    """Take in again what came in a span of time, in order; it goes on by itself, see its id for how far it is."""
    view = await acting.write(
        replays.replay_span,
        since=span.since,
        until=span.until,
        state=span.state,
        integration=span.integration_id,
        live=span.live,
    )
    return answer(view, 202)


@router.get("/replays/{replay_id}", response_model=shape_of(ReplayView))
async def show_replay(acting: Acting, replay_id: str) -> JSONResponse:
    """How far a replay of a span is."""
    return answer(await acting.read(replays.replay_progress, replay_id))


@router.post("/{item_id}/replay", response_model=Replayed)
async def replay(acting: Acting, item_id: str) -> JSONResponse:
    """Take an element in again; what we have already is not added twice."""
    return answer_json({"id": await acting.write(dead_letters.replay, item_id), "state": "pending"})
