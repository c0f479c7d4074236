"""Who the caller is: what a client asks that has a token and nothing else."""

from starlette.responses import JSONResponse

from chaskiq_core.desk import staff
from chaskiq_server.rest.answers import answer
from chaskiq_server.rest.route import OwnActing, own_resource
from chaskiq_server.rest.shapes import Me

router = own_resource("me")


@router.get("", response_model=Me)
async def show_me(acting: OwnActing) -> JSONResponse:
    """The agent whom the token stands for, and its App."""
    return answer(await acting.read(staff.me))
