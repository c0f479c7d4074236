"""Agents of an App: who can be assigned."""

from starlette.responses import JSONResponse

from chaskiq_core.desk import staff
from chaskiq_core.desk.pages import Page
from chaskiq_server.rest.answers import answer_page
from chaskiq_server.rest.route import Acting, resource
from chaskiq_server.rest.shapes import Agent, page_of

router = resource("agents")


@router.get("", response_model=page_of(Agent))
async def list_agents(acting: Acting) -> JSONResponse:
    """All agents in one page, oldest first, the App's bot among them; one who is disabled can't be assigned."""
    return answer_page(Page(items=await acting.read(staff.list_agents), next=None))
