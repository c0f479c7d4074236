"""Whether the credentials are the account's."""

from chaskiq_core.plugin import ChannelContext, HealthCheck, ReauthError
from chaskiq_x.calls import call
from chaskiq_x.elements import id_at, object_at, text_at
from chaskiq_x.manifest import XSettings


async def check_health(context: ChannelContext[XSettings]) -> list[HealthCheck]:
    """One line: whose the tokens are."""
    try:
        answer = await call(context, "GET", "/2/users/me")
    except ReauthError as error:
        fix = "set the four values of the app anew, from X's developer portal"
        return [HealthCheck(name="credentials", ok=False, detail=error.message, fix=fix)]
    me = object_at(answer.json(), "data")
    is_right = id_at(me, "id") == context.settings.user_id
    detail = f"they are @{text_at(me, 'username')}'s"
    fix = "" if is_right else f"user_id must be {id_at(me, 'id')}"
    return [HealthCheck(name="credentials", ok=is_right, detail=detail, fix=fix)]
