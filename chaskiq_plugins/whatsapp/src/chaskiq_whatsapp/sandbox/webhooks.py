"""What the delivery of webhooks must know of WhatsApp: where a number's go, and how they are signed."""

import hmac
from hashlib import sha256

from chaskiq_core.testing.sandbox import JsonObject, Target, WaitingPost, read_object
from chaskiq_whatsapp.fields import object_at, objects_at, text_at
from chaskiq_whatsapp.sandbox.memory.numbers import Numbers

SIGNATURE_HEADER = "X-Hub-Signature-256"


class Hooks:
    """The numbers as accounts: an account's name is the number's id."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        number = self._numbers.find(account)
        if number is None or not number.hook_url:
            return None
        signature = hmac.new(number.app_secret.encode(), post.body, sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            SIGNATURE_HEADER: f"sha256={signature}",
        }
        return Target(url=number.hook_url, headers=headers)

    def facts(self, post: WaitingPost) -> JsonObject:
        """What a fault of webhooks may ask for: `where: {"status": "delivered"}`, `{"list": "messages"}`."""
        try:
            body = read_object(post.body)
        except ValueError:
            return {}
        changes = [change for entry in objects_at(body, "entry") for change in objects_at(entry, "changes")]
        value = object_at(changes[0], "value") if changes else {}
        statuses = objects_at(value, "statuses")
        return {
            "list": next((name for name in ("messages", "statuses") if name in value), ""),
            "status": text_at(statuses[0], "status") if statuses else "",
        }

    def failed(self, account: str, error: str) -> None:
        """Meta shows a number's webhook errors nowhere."""


def change_of(field: str, value: JsonObject) -> JsonObject:
    return {"field": field, "value": value}
