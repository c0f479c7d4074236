"""Webhooks as Meta sends them, each made of what a test changes."""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256

from chaskiq_core.plugin import InboundEvent, WebhookRequest
from chaskiq_whatsapp import WhatsAppSettings, channel

NUMBER_ID = "640100200300"
OTHER_NUMBER_ID = "640100200301"
WABA_ID = "880200300400"
BUSINESS = "15550001122"
RUTH = "4915790001122"
RUTH_ID = "DE.55512000777"
OMAR = "5521990003344"
SETTINGS = WhatsAppSettings(
    phone_number_id=NUMBER_ID, access_token="token-1", app_secret="app-secret", verify_token="words"
)
Fields = dict[str, object]

RUTH_CONTACT: Fields = {"profile": {"name": "Ruth Amsel"}, "wa_id": RUTH, "user_id": RUTH_ID}


def message(kind: str = "text", /, *, wamid: object = "wamid.A1", **fields: object) -> Fields:
    """A message of Ruth's; `text` says "hi" unless told otherwise."""
    own: Fields = {"text": {"body": "hi"}} if kind == "text" else {}
    return {
        "from": RUTH,
        "from_user_id": RUTH_ID,
        "id": wamid,
        "timestamp": "1790000000",
        "type": kind,
        **own,
        **fields,
    }


def status(word: str = "delivered", **fields: object) -> Fields:
    """What became of a message to Ruth."""
    return {"id": "wamid.O1", "status": word, "timestamp": "1790000100", "recipient_id": RUTH, **fields}


def value(*, number_id: str = NUMBER_ID, contacts: object = None, **lists: object) -> Fields:
    """The value of a change; Ruth is its contact unless told otherwise."""
    metadata = {"display_phone_number": BUSINESS, "phone_number_id": number_id}
    told = [RUTH_CONTACT] if contacts is None else contacts
    return {"messaging_product": "whatsapp", "metadata": metadata, "contacts": told, **lists}


def body(*changes: tuple[str, object], **more: object) -> Fields:
    """A body with one entry."""
    listed = [{"field": field, "value": told} for field, told in changes]
    return {"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": listed, **more}]}


def messages(*several: object, number_id: str = NUMBER_ID, contacts: object = None) -> Fields:
    """A body with messages."""
    return body(("messages", value(messages=list(several), number_id=number_id, contacts=contacts)))


def request(told: object, *, secret: str | None = None) -> WebhookRequest:
    """A webhook, signed if a secret is given."""
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return WebhookRequest(headers=signed(raw, secret) if secret else {}, body=raw)


def signed(raw: bytes, secret: str) -> Mapping[str, str]:
    return {"x-hub-signature-256": f"sha256={hmac.new(secret.encode(), raw, sha256).hexdigest()}"}


def events(told: object) -> list[InboundEvent]:
    """All events of a body."""
    arrived = request(told)
    return [event for item in channel.route(arrived, SETTINGS) for event in channel.parse(arrived, item, SETTINGS)]
