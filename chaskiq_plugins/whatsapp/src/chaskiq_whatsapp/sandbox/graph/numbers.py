"""Numbers, their webhook and their account's subscription, as a business sees and sets them."""

from dataclasses import replace

import httpx

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_whatsapp.sandbox.errors import GraphError, gone
from chaskiq_whatsapp.sandbox.memory.numbers import Number
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox

CHALLENGE = "1158201444"
VERIFY_SECONDS = 5.0
SCOPES = ["whatsapp_business_messaging", "whatsapp_business_management"]


def show_number(sandbox: WhatsAppSandbox, number_id: str) -> JsonObject:
    number = sandbox.numbers.of_token(number_id)
    return {
        "id": number.id,
        "display_phone_number": f"+{number.display}",
        "verified_name": number.name,
        "quality_rating": number.quality,
        "throughput": {"level": "STANDARD"},
        "code_verification_status": "VERIFIED",
        "name_status": "APPROVED",
        "platform_type": "CLOUD_API",
        "webhook_configuration": {"phone_number": number.hook_url} if number.hook_url else {},
    }


async def change_number(sandbox: WhatsAppSandbox, number_id: str, body: JsonObject) -> JsonObject:
    """`webhook_configuration`: the URL is called with a challenge before it is taken; '' takes it away."""
    number = sandbox.numbers.of_token(number_id)
    told = object_at(body, "webhook_configuration")
    url, token = told.get("override_callback_uri"), told.get("verify_token")
    if not isinstance(url, str):
        raise GraphError(100, "The parameter webhook_configuration is required.")
    if url and sandbox.options["verify_hooks"] and not await answers_challenge(sandbox, url, str(token or "")):
        raise GraphError(100, "(#2200) Callback verification failed: the callback did not answer with the challenge")
    sandbox.numbers.keep(replace(number, hook_url=url, verify_token=str(token or "")))
    sandbox.delivery.wake_all(number.id)
    return {"success": True}


async def answers_challenge(sandbox: WhatsAppSandbox, url: str, token: str) -> bool:
    """Whether a hook URL is its owner's: it gives the challenge back to who knows the token."""
    query = {"hub.mode": "subscribe", "hub.challenge": CHALLENGE, "hub.verify_token": token}
    transport = sandbox.options["webhook_transport"]
    async with httpx.AsyncClient(transport=transport, timeout=VERIFY_SECONDS, trust_env=False) as client:
        try:
            response = await client.get(url, params=query)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
    return response.is_success and response.text == CHALLENGE


def _of_account(sandbox: WhatsAppSandbox, waba_id: str) -> list[Number]:
    found = sandbox.numbers.of_account(waba_id)
    if found:
        return found
    # An account that nobody has named yet belongs to the numbers that still have a made-up one.
    mine = [number for number in sandbox.numbers.all if number.waba_id == f"9{number.id}"]
    if not mine or not waba_id.isdecimal():
        raise gone(waba_id)
    for number in mine:
        sandbox.numbers.keep(replace(number, waba_id=waba_id))
    return sandbox.numbers.of_account(waba_id)


def subscribe(sandbox: WhatsAppSandbox, waba_id: str, *, on: bool) -> JsonObject:
    for number in _of_account(sandbox, waba_id):
        sandbox.numbers.keep(replace(number, is_subscribed=on))
    return {"success": True}


def app_apps(sandbox: WhatsAppSandbox, waba_id: str) -> JsonObject:
    is_on = any(number.is_subscribed for number in _of_account(sandbox, waba_id))
    return {"data": [{"whatsapp_business_api_data": {"id": "1", "name": "Sandbox app"}}] if is_on else []}


def show_token(query: JsonObject) -> JsonObject:
    scopes: JsonObject = {"is_valid": True, "expires_at": 0, "type": "SYSTEM_USER", "scopes": list(SCOPES)}
    return {"data": scopes}


def account_of(sandbox: WhatsAppSandbox, waba_id: str) -> str:
    """The account's id, once it is somebody's; refused otherwise."""
    return _of_account(sandbox, waba_id)[0].waba_id
