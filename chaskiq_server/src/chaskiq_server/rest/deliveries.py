"""Deliveries that an operator looks after."""

from typing import Annotated

from fastapi import Query
from starlette.responses import JSONResponse

from chaskiq_core.desk import dead_letters
from chaskiq_core.desk.dead_letters import ListedDelivery as Listed
from chaskiq_core.plugin import JsonObject
from chaskiq_core.presenters.as_json import as_json
from chaskiq_server.rest.answers import answer_json, answer_page
from chaskiq_server.rest.route import FIRST_PAGE, Acting, After, Limit, resource
from chaskiq_server.rest.shapes import ListedDelivery, page_of

router = resource("deliveries")


@router.get("", response_model=page_of(ListedDelivery))
async def list_deliveries(
    acting: Acting,
    state: Annotated[str, Query(max_length=20)] = "failed",
    after: After = None,
    limit: Limit = FIRST_PAGE,
) -> JSONResponse:
    """Deliveries in a state, newest first."""
    page = await acting.read(dead_letters.deliveries, state=state, after=after, limit=limit)
    return answer_page(page, _shown)


@router.post("/{key}/retry", response_model=ListedDelivery)
async def retry(acting: Acting, key: str) -> JSONResponse:
    """Send again what failed, is unknown or was cancelled."""
    return answer_json(_shown(await acting.write(dead_letters.retry, key)))


@router.post("/{key}/confirm", response_model=ListedDelivery)
async def confirm(acting: Acting, key: str) -> JSONResponse:
    """It arrived: somebody saw it."""
    return answer_json(_shown(await acting.write(dead_letters.confirm, key)))


@router.post("/{key}/cancel", response_model=ListedDelivery)
async def cancel(acting: Acting, key: str) -> JSONResponse:
    """Do not send what still waits."""
    return answer_json(_shown(await acting.write(dead_letters.cancel, key)))


def _shown(listed: Listed) -> JsonObject:
    return {
        **as_json(listed.delivery),
        "conversation_key": listed.conversation_key,
        "part_key": listed.part_key,
    }
