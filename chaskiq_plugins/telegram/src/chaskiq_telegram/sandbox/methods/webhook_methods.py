"""setWebhook, deleteWebhook, getWebhookInfo. As on a local Bot API server, any http address and port will do."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.memory.webhooks import DEFAULT_MAX_CONNECTIONS, Webhook
from chaskiq_telegram.sandbox.methods.call import Answer, Call

SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
MAX_SECRET_LENGTH = 256
MAX_CONNECTIONS = 100


def set_webhook(call: Call) -> Answer:
    """Send this bot's updates to a url from now on; an empty url removes the webhook."""
    parameters = call.parameters
    url = parameters.text("url").strip()
    if not url:
        return delete_webhook(call)
    _check_url(url)
    secret_token = parameters.text("secret_token")
    if len(secret_token) > MAX_SECRET_LENGTH:
        raise bad_request("secret token is too long")
    if not SECRET_TOKEN.fullmatch(secret_token):
        raise bad_request("secret token contains unallowed characters")
    before = call.sandbox.webhooks.of_bot(call.bot.id)
    wanted = parameters.array("allowed_updates", "allowed updates")
    webhook = Webhook(
        url=url,
        secret_token=secret_token,
        max_connections=min(MAX_CONNECTIONS, max(1, parameters.integer("max_connections", DEFAULT_MAX_CONNECTIONS))),
        ip_address=parameters.text("ip_address") or None,
        # Telegram keeps the former list when the parameter is left out
        allowed_updates=before.allowed_updates if wanted is None else tuple(str(kind) for kind in wanted),
    )
    is_same = webhook == replace(before, last_error_at=None, last_error=None)
    _change(call, before if is_same else webhook)
    return Answer(result=True, description="Webhook is already set" if is_same else "Webhook was set")


def delete_webhook(call: Call) -> Answer:
    """Keep this bot's updates from now on."""
    before = call.sandbox.webhooks.of_bot(call.bot.id)
    _change(call, Webhook(allowed_updates=before.allowed_updates))
    return Answer(result=True, description="Webhook was deleted" if before.url else "Webhook is already deleted")


def get_webhook_info(call: Call) -> Answer:
    """Where updates go and how that is going."""
    webhook = call.sandbox.webhooks.of_bot(call.bot.id)
    info: JsonObject = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": call.sandbox.posts.count(str(call.bot.id), now=call.sandbox.now()),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
        if webhook.ip_address:
            info["ip_address"] = webhook.ip_address
    if webhook.last_error_at is not None:
        info["last_error_date"] = webhook.last_error_at
        info["last_error_message"] = webhook.last_error
    if webhook.allowed_updates:
        info["allowed_updates"] = list(webhook.allowed_updates)
    return Answer(result=info)


def _change(call: Call, webhook: Webhook) -> None:
    sandbox = call.sandbox
    if call.parameters.flag("drop_pending_updates"):
        sandbox.posts.drop(str(call.bot.id))
    sandbox.webhooks.keep(call.bot.id, webhook)
    sandbox.delivery.wake_all(str(call.bot.id))


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if parts.scheme.lower() not in ("http", "https") or not host or " " in url:
        raise bad_request("invalid webhook URL specified")
