"""Whether the bot works: its token, its webhook, what Telegram last failed with, and what still waits there."""

from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from chaskiq_core.plugin import ChannelContext, HealthCheck, JsonObject, ReauthError
from chaskiq_telegram.calling.request import ContextRequest
from chaskiq_telegram.fields import natural_at, text_at
from chaskiq_telegram.install import ALLOWED_UPDATES, name_of, read_me
from chaskiq_telegram.manifest import PUBLIC_API, TelegramSettings
from chaskiq_telegram.reading.message import time_at

MANY_PENDING = 100
PORTS = (443, 80, 88, 8443)
CLOCK_SECONDS = 60
REGISTER = "register ours again with `chaskiq integrations rotate`"


async def check_health(context: ChannelContext[TelegramSettings], hook_url: str) -> list[HealthCheck]:
    """A line per question; a refused token answers them all."""
    request = ContextRequest(context)
    try:
        me = await read_me(request)
    except ReauthError as error:
        fix = "set a new one with `chaskiq integrations set … access_token=…`"
        return [HealthCheck(name="token", ok=False, detail=f"Telegram refuses it: {error.message}", fix=fix)]
    found = await request.result_of(request.bot.get_webhook_info())
    info: JsonObject = found if isinstance(found, dict) else {}
    return [
        HealthCheck(name="token", ok=True, detail=f"it is {name_of(me)}'s"),
        _address(hook_url, context.settings.api_base),
        _webhook(info, hook_url),
        _kinds(info),
        _errors(info),
        _pending(info),
        _clock(request.answered_at, datetime.now(UTC)),
    ]


def _address(hook_url: str, api_base: str) -> HealthCheck:
    """Whether Telegram can call our URL at all; a Bot API server of one's own calls any."""
    if api_base != PUBLIC_API:
        return HealthCheck(name="public URL", ok=True, detail="the Bot API server is not Telegram's, it calls any URL")
    parts = urlsplit(hook_url)
    fix = "set CHASKIQ_PUBLIC_URL to where the internet reaches this server, then `chaskiq integrations rotate`"
    if parts.scheme != "https":
        return HealthCheck(name="public URL", ok=False, detail="Telegram calls https only", fix=fix)
    if (parts.port or 443) not in PORTS:
        ports = ", ".join(str(port) for port in PORTS)
        return HealthCheck(name="public URL", ok=False, detail=f"Telegram calls the ports {ports} only", fix=fix)
    if _is_private(parts.hostname or ""):
        return HealthCheck(name="public URL", ok=False, detail=f"{parts.hostname} is not on the internet", fix=fix)
    return HealthCheck(name="public URL", ok=True, detail=f"https://{parts.hostname} can be called")


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan"))


def _clock(theirs: datetime | None, ours: datetime) -> HealthCheck:
    """Telegram's clock stands in its answers' Date."""
    if theirs is None:
        return HealthCheck(name="clock", ok=True, detail="the Bot API server tells no time")
    off = abs((ours - theirs).total_seconds())
    if off < CLOCK_SECONDS:
        return HealthCheck(name="clock", ok=True, detail="this machine's clock is right")
    fix = "let it keep time with NTP: signed addresses and retries go by it"
    return HealthCheck(name="clock", ok=False, detail=f"this machine's clock is {off:.0f} s off", fix=fix)


def _webhook(info: JsonObject, hook_url: str) -> HealthCheck:
    """Details show no URL: ours holds the hook token."""
    url = text_at(info, "url")
    if url == hook_url:
        return HealthCheck(name="webhook", ok=True, detail="Telegram calls our URL")
    what = "Telegram calls another URL: somebody else uses this bot" if url else "Telegram has no webhook for this bot"
    return HealthCheck(name="webhook", ok=False, detail=what, fix=REGISTER)


def _kinds(info: JsonObject) -> HealthCheck:
    allowed = info.get("allowed_updates")
    missing = [kind for kind in ALLOWED_UPDATES if kind not in (allowed if isinstance(allowed, list) else [])]
    if not missing:
        return HealthCheck(name="updates", ok=True, detail="Telegram sends all kinds that we know")
    return HealthCheck(name="updates", ok=False, detail=f"Telegram sends no {', '.join(missing)}", fix=REGISTER)


def _errors(info: JsonObject) -> HealthCheck:
    """Telegram keeps its last error for ever; it is over when nothing waits any more."""
    message, at = text_at(info, "last_error_message"), time_at(info, "last_error_date")
    if not message:
        return HealthCheck(name="last error", ok=True, detail="none")
    said = f"{message}, at {(at or datetime.fromtimestamp(0, UTC)).isoformat()}"
    if not natural_at(info, "pending_update_count"):
        return HealthCheck(name="last error", ok=True, detail=f"{said}; all has been delivered since")
    fix = "make the hook URL reachable from the internet; Telegram tries again by itself"
    return HealthCheck(name="last error", ok=False, detail=said, fix=fix)


def _pending(info: JsonObject) -> HealthCheck:
    count = natural_at(info, "pending_update_count") or 0
    if count < MANY_PENDING:
        return HealthCheck(name="pending", ok=True, detail=f"{count} updates wait at Telegram")
    fix = "look whether the server answers its webhooks, and in time"
    return HealthCheck(name="pending", ok=False, detail=f"{count} updates wait at Telegram", fix=fix)
