"""Whether the app works: its token, what it may do, and what is to be set where we can't look."""

from urllib.parse import urlsplit

from chaskiq_core.plugin import ChannelContext, HealthCheck, ReauthError
from chaskiq_slack.calling.api import Api
from chaskiq_slack.install import bot_name, read_me
from chaskiq_slack.manifest import PUBLIC_API, SlackSettings

NEEDED = (
    ("chat:write", "to answer"),
    ("im:history", "to be written to directly"),
    ("channels:history", "to read the channels it is in"),
    ("files:read", "to fetch files"),
    ("files:write", "to send files"),
    ("users:read", "to know people's names"),
)
"""What the channel can't do without, and for what."""


async def check_health(context: ChannelContext[SlackSettings], hook_url: str) -> list[HealthCheck]:
    """A line per question; a refused token answers them all."""
    api = Api(context)
    try:
        me = await read_me(api)
    except ReauthError as error:
        fix = "install the app in the workspace again, then `chaskiq integrations set … bot_token=…`"
        return [HealthCheck(name="token", ok=False, detail=f"Slack refuses it: {error.message}", fix=fix)]
    return [
        HealthCheck(name="token", ok=True, detail=f"it is {bot_name(me)}'s"),
        _scopes(api.scopes),
        _address(hook_url, context.settings.api_base),
    ]


def _scopes(granted: frozenset[str] | None) -> HealthCheck:
    if granted is None:
        return HealthCheck(name="scopes", ok=True, detail="Slack did not say what the token may do")
    missing = [f"{scope} {why}" for scope, why in NEEDED if scope not in granted]
    if not missing:
        return HealthCheck(name="scopes", ok=True, detail=f"the token has the {len(NEEDED)} that are needed")
    fix = "add them under OAuth & Permissions and install the app in the workspace again"
    return HealthCheck(name="scopes", ok=False, detail=f"missing: {', '.join(missing)}", fix=fix)


def _address(hook_url: str, api_base: str) -> HealthCheck:
    """Whether Slack could call our URL; which one it calls, it tells nobody. Details show no URL: ours is a secret."""
    parts = urlsplit(hook_url)
    if api_base == PUBLIC_API and parts.scheme != "https":
        fix = "set CHASKIQ_PUBLIC_URL to the https address of this server, and the hook URL as Request URL at Slack"
        return HealthCheck(name="public URL", ok=False, detail="Slack calls https only", fix=fix)
    where = "see that Slack's Event Subscriptions and Interactivity have the hook URL of `chaskiq integrations list`"
    return HealthCheck(name="public URL", ok=True, detail=f"{parts.hostname} can be called; {where}")
