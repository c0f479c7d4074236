"""The key and the chat of each element of a webhook."""

import hashlib
import json

from chaskiq_core.plugin import WebhookItem, WebhookRequest
from chaskiq_parrot.elements import elements_of, id_at


def route_elements(request: WebhookRequest) -> list[WebhookItem]:
    """One item per element: its message's id is the key, whatever delivery it came by."""
    return [
        WebhookItem(dedupe_key=_key(element), lane=id_at(element, "chat"), path=f"/events/{place}")
        for place, element in enumerate(elements_of(request))
    ]


def _key(element: object) -> str:
    chat, id_, kind = (id_at(element, name) for name in ("chat", "id", "type"))
    if chat and id_:
        return f"{kind}:{chat}:{id_}"
    # without an id an element is named by its bytes
    return hashlib.sha256(json.dumps(element, sort_keys=True).encode()).hexdigest()
