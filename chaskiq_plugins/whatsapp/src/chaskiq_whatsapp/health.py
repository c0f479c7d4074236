"""Whether the number works: its token, its standing with Meta, its subscription, and whose webhook Meta calls."""

from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from chaskiq_core.plugin import ChannelContext, HealthCheck, JsonObject, ReauthError, SendError
from chaskiq_whatsapp.calling.graph import Graph
from chaskiq_whatsapp.fields import list_at, natural_at, object_at, objects_at, text_at, time_at
from chaskiq_whatsapp.install import BY_HAND, name_of, read_number
from chaskiq_whatsapp.manifest import PUBLIC_API, WhatsAppSettings

NEEDED = ("whatsapp_business_messaging", "whatsapp_business_management")
SOON_SECONDS = 7 * 24 * 3600
NEW_TOKEN = "set a new one with `chaskiq integrations set … access_token=…`"
BAD_QUALITY = {"YELLOW": "medium", "RED": "low"}
REGISTER = "register ours with `chaskiq integrations rotate`, or " + BY_HAND


async def check_health(context: ChannelContext[WhatsAppSettings], hook_url: str) -> list[HealthCheck]:
    """A line per question; a refused token answers them all."""
    graph, settings = Graph(context), context.settings
    try:
        number = await read_number(graph, settings)
    except ReauthError as error:
        return [HealthCheck(name="token", ok=False, detail=f"Meta refuses it: {error.message}", fix=NEW_TOKEN)]
    return [
        await _token(graph, settings),
        _quality(number),
        _registration(number),
        await _subscription(graph, settings),
        _webhook(number, hook_url),
        _address(hook_url, settings.api_base),
    ]


async def _token(graph: Graph, settings: WhatsAppSettings) -> HealthCheck:
    try:
        told = object_at(await graph.get("debug_token", {"input_token": settings.access_token}), "data")
    except SendError:
        return HealthCheck(name="token", ok=True, detail="Meta takes it")
    missing = [scope for scope in NEEDED if scope not in list_at(told, "scopes")] if "scopes" in told else []
    if missing:
        return HealthCheck(
            name="token",
            ok=False,
            detail=f"it may not do {', '.join(missing)}",
            fix="make one for a system user with both WhatsApp permissions, then " + NEW_TOKEN,
        )
    ends = time_at(told, "expires_at") if natural_at(told, "expires_at") else None
    if ends is not None and (ends - datetime.now(UTC)).total_seconds() < SOON_SECONDS:
        return HealthCheck(name="token", ok=False, detail=f"it ends at {ends:%Y-%m-%d %H:%M} UTC", fix=NEW_TOKEN)
    return HealthCheck(name="token", ok=True, detail="Meta takes it" + (f" until {ends:%Y-%m-%d}" if ends else ""))


def _quality(number: JsonObject) -> HealthCheck:
    rating = text_at(number, "quality_rating").upper()
    detail = f"{name_of(number)}: Meta rates its messages {BAD_QUALITY.get(rating, rating.lower() or 'unknown')}"
    fix = "write to people who asked for it only; Meta sends less for a number that is rated low"
    return HealthCheck(name="quality", ok=rating not in BAD_QUALITY, detail=detail, fix=fix)


def _registration(number: JsonObject) -> HealthCheck:
    platform, verified = text_at(number, "platform_type"), text_at(number, "code_verification_status")
    name_status = text_at(number, "name_status")
    if platform and platform != "CLOUD_API":
        return HealthCheck(
            name="number",
            ok=False,
            detail=f"it is registered for {platform}, not for the Cloud API",
            fix="register it in Meta's app dashboard, WhatsApp, API setup",
        )
    if name_status in ("DECLINED", "EXPIRED"):
        fix = "ask for another display name in WhatsApp Manager"
        return HealthCheck(name="number", ok=False, detail=f"its display name is {name_status.lower()}", fix=fix)
    told = verified.replace("_", " ").lower() or "registered"
    return HealthCheck(name="number", ok=True, detail=f"it is on the Cloud API, {told}")


async def _subscription(graph: Graph, settings: WhatsAppSettings) -> HealthCheck:
    if settings.waba_id is None:
        return HealthCheck(
            name="subscription",
            ok=True,
            detail="not looked at: the setting waba_id is missing",
            fix="set it with `chaskiq integrations set … waba_id=…`",
        )
    try:
        apps = objects_at(await graph.get(f"{settings.waba_id}/subscribed_apps"), "data")
    except SendError as error:
        fix = "see whether waba_id is the account that the number belongs to"
        return HealthCheck(name="subscription", ok=False, detail=error.message, fix=fix)
    if not apps:
        return HealthCheck(
            name="subscription",
            ok=False,
            detail="no app is subscribed to the business account: real messages never come",
            fix="subscribe it with `chaskiq integrations rotate`",
        )
    return HealthCheck(name="subscription", ok=True, detail=f"{len(apps)} app(s) hear of the business account")


def _webhook(number: JsonObject, hook_url: str) -> HealthCheck:
    told = object_at(number, "webhook_configuration")
    own, account, app = (text_at(told, name) for name in ("phone_number", "whatsapp_business_account", "application"))
    # The most particular one counts.
    called = own or account or app
    if called == hook_url:
        return HealthCheck(name="webhook", ok=True, detail="Meta calls ours")
    if not called:
        return HealthCheck(name="webhook", ok=False, detail="Meta calls none for this number", fix=REGISTER)
    # The path holds a token, ours or another's: only the host is named.
    detail = f"Meta calls another one, at {urlsplit(called).hostname}"
    return HealthCheck(name="webhook", ok=False, detail=detail, fix=REGISTER)


def _address(hook_url: str, api_base: str) -> HealthCheck:
    """Whether Meta can call our URL at all; what stands in for Meta calls any."""
    if api_base != PUBLIC_API:
        return HealthCheck(name="public URL", ok=True, detail="the Graph API is not Meta's own, it calls any URL")
    parts = urlsplit(hook_url)
    fix = "set CHASKIQ_PUBLIC_URL to where the internet reaches this server, then `chaskiq integrations rotate`"
    if parts.scheme != "https":
        return HealthCheck(name="public URL", ok=False, detail="Meta calls https only", fix=fix)
    if _is_private(parts.hostname or ""):
        return HealthCheck(name="public URL", ok=False, detail=f"{parts.hostname} is not on the internet", fix=fix)
    return HealthCheck(name="public URL", ok=True, detail=f"https://{parts.hostname} can be called")


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan"))
