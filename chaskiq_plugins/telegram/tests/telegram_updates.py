"""Updates as Telegram sends them, made in a line; and the plugin asked about them as the host asks."""

import itertools
import json
from collections.abc import Mapping
from typing import TypeVar

from chaskiq_core.plugin import InboundEvent, WebhookItem, WebhookRequest
from chaskiq_telegram import TelegramSettings, channel

Fields = dict[str, object]
E = TypeVar("E")

TOKEN = "6100200300:AAHnone-of-these-is-a-real-token-0123"
SECRET = "a-secret_of-the-tests"
SETTINGS = TelegramSettings(access_token=TOKEN, secret_token=SECRET)

RUTH: Fields = {"id": 71001, "is_bot": False, "first_name": "Ruth", "last_name": "Adeyemi", "username": "ruth_a"}
OMAR: Fields = {"id": 71002, "is_bot": False, "first_name": "Omar", "language_code": "fr"}
BOT: Fields = {"id": 6100200300, "is_bot": True, "first_name": "Desk", "username": "desk_bot"}
OWNER: Fields = {"id": 71900, "is_bot": False, "first_name": "Petra", "last_name": "Novak"}
ANONYMOUS: Fields = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}

GROUP: Fields = {"id": -1009000100, "type": "supergroup", "title": "Bike Club"}
FORUM: Fields = {"id": -1009000200, "type": "supergroup", "title": "Bike Forum", "is_forum": True}
NEWS: Fields = {"id": -1009000300, "type": "channel", "title": "Bike News", "username": "bike_news"}

_numbers = itertools.count(9_000)


def private(person: Mapping[str, object] = RUTH) -> Fields:
    """A person's chat with the bot."""
    return {"type": "private"} | {
        name: person[name] for name in ("id", "first_name", "last_name", "username") if name in person
    }


def message(**fields: object) -> Fields:
    """Ruth's message to the bot; `sender=None` is nobody's."""
    sender = fields.pop("sender", RUTH)
    made: Fields = {"message_id": 500, "date": 1_790_000_000, "chat": private()}
    return made | ({"from": sender} if sender else {}) | fields


def update(kind: str = "message", payload: object = None, /, **fields: object) -> Fields:
    """An update with its payload, or with a message of these fields."""
    return {"update_id": next(_numbers), kind: message(**fields) if payload is None else payload}


def request(body: object, *, secret: str | None = SECRET) -> WebhookRequest:
    """The webhook that brings it."""
    headers = {"content-type": "application/json"}
    if secret is not None:
        headers["x-telegram-bot-api-secret-token"] = secret
    return WebhookRequest(headers=headers, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def route(body: object) -> WebhookItem:
    """The one element."""
    [item] = channel.route(request(body), SETTINGS)
    return item


def parse(body: object, settings: TelegramSettings = SETTINGS) -> list[InboundEvent]:
    """The events, as a worker gets them."""
    arrived = request(body)
    [item] = channel.route(arrived, settings)
    return list(channel.parse(arrived, item, settings))


def parse_as(kind: type[E], body: object, settings: TelegramSettings = SETTINGS) -> E:
    """The one event, which must be of this kind."""
    [event] = parse(body, settings)
    assert isinstance(event, kind), event
    return event
