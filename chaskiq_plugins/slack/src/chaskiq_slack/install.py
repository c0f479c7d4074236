"""Who we are at Slack. No app can set its own Request URL: the operator does, by hand or by an app manifest."""

from chaskiq_core.plugin import ChannelContext, Installed, JsonObject, RetryLaterError
from chaskiq_slack.calling.api import Api
from chaskiq_slack.fields import id_at, name_at, text_at
from chaskiq_slack.manifest import SlackSettings


async def install_app(context: ChannelContext[SlackSettings]) -> Installed:
    """The workspace that the token belongs to. A SendError has Slack's word for the operator."""
    me = await read_me(Api(context))
    context.log.info("set the hook URL as Request URL of Event Subscriptions, Interactivity and slash commands")
    return Installed(account=account_of(me), name=name_at(me, "team") or account_of(me))


async def read_me(api: Api) -> JsonObject:
    """The bot as Slack knows it."""
    me = await api.read("auth.test")
    if not account_of(me):
        raise RetryLaterError("Slack did not say which workspace the token belongs to")
    return me


def account_of(me: JsonObject) -> str:
    """The workspace; of an app that is installed in a whole organisation that one."""
    if me.get("is_enterprise_install") is True:
        return id_at(me, "enterprise_id") or id_at(me, "team_id")
    return id_at(me, "team_id") or id_at(me, "enterprise_id")


def bot_name(me: JsonObject) -> str:
    """How people find the bot."""
    return f"{text_at(me, 'user') or id_at(me, 'user_id')} in {name_at(me, 'team') or account_of(me)}"
