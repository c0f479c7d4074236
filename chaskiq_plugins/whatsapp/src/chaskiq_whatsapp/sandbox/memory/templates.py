"""The templates of an account: some that are there from the start, and what a test adds."""

import re

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_whatsapp.sandbox.memory.records import Records

TEMPLATE = "template"
_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
AT_FIRST: list[JsonObject] = [
    {
        "name": "hello_world",
        "language": "en_US",
        "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
            {"type": "BODY", "text": "Welcome! This is a test message."},
            {"type": "FOOTER", "text": "WhatsApp sandbox"},
        ],
    },
    {
        "name": "order_ready",
        "language": "de",
        "category": "UTILITY",
        "components": [
            {
                "type": "BODY",
                "text": "Hallo {{1}}, Ihre Bestellung {{2}} ist fertig.",
                "example": {"body_text": [["Maya", "4711"]]},
            },
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Danke"},
                    {"type": "URL", "text": "Ansehen", "url": "https://shop.example/orders/{{1}}"},
                ],
            },
        ],
    },
    {
        "name": "photo_offer",
        "language": "en",
        "category": "MARKETING",
        "parameter_format": "NAMED",
        "components": [
            {"type": "HEADER", "format": "IMAGE"},
            {"type": "BODY", "text": "Dear {{customer}}, look at this until {{day}}."},
        ],
    },
    {
        "name": "old_news",
        "language": "en",
        "category": "MARKETING",
        "status": "PAUSED",
        "components": [{"type": "BODY", "text": "Nothing new."}],
    },
]


class Templates:
    """Reads and writes templates."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def all(self, waba_id: str) -> list[JsonObject]:
        if not self._records.all(TEMPLATE, waba_id):
            for one in AT_FIRST:
                self.add(waba_id, one)
        return self._records.all(TEMPLATE, waba_id)

    def add(self, waba_id: str, template: JsonObject) -> JsonObject:
        made: JsonObject = {
            "id": str(self._records.next("template", 5_200_000_000_001)),
            "status": "APPROVED",
            "parameter_format": "POSITIONAL",
            **template,
        }
        self._records.put(TEMPLATE, waba_id, f"{made['name']}/{made['language']}", made)
        return made

    def find(self, waba_id: str, name: str, language: str) -> JsonObject | None:
        return next((one for one in self.all(waba_id) if one["name"] == name and one["language"] == language), None)


def places_in(text: Json) -> list[str]:
    """The names of a text's places, each once, in order."""
    return list(dict.fromkeys(_PLACE.findall(text))) if isinstance(text, str) else []


def filled(text: Json, values: dict[str, str]) -> str:
    """The text with its places filled."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text) if isinstance(text, str) else ""
