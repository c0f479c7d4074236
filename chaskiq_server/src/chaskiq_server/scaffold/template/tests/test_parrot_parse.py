"""What Parrot tells becomes events."""

import json

from chaskiq_core.plugin import MessageReceived, WebhookRequest
from chaskiq_parrot import channel
from chaskiq_parrot.manifest import MANIFEST, ParrotSettings

SETTINGS = ParrotSettings.model_validate(MANIFEST.example_settings)


def test_a_text_is_a_message() -> None:
    element = {"type": "text", "id": "5", "chat": "7", "from": {"id": "7", "name": "Maya"}, "text": "Hello"}
    request = WebhookRequest(body=json.dumps({"events": [element]}).encode())

    [item] = channel.route(request, SETTINGS)
    [event] = channel.parse(request, item, SETTINGS)

    assert isinstance(event, MessageReceived)
    assert (item.lane, event.text, event.message_key) == ("7", "Hello", "7:5")
