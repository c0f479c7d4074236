"""What has no text of its own, said in words: an order, a form's answers, a permission, or which kind it was."""

import json

from chaskiq_core.plugin import JsonObject
from chaskiq_whatsapp.fields import number_at, objects_at, text_at, word_at

MAX_ITEMS = 100
MAX_FIELDS = 100
HIDDEN = frozenset({"flow_token", "wa_flow_response_params"})
"""What a form's answer carries for the business's own server."""


def placeholder(kind: str) -> str:
    """`[Poll]`; of a kind without a name `[Unsupported message]`."""
    name = kind.replace("_", " ").strip().capitalize()[:64]
    return f"[{name if name not in ('', 'Unsupported', 'Unknown') else 'Unsupported message'}]"


def order_words(order: JsonObject) -> str:
    """What was ordered, a line each, then what was written with it; '' if there is no order."""
    items = objects_at(order, "product_items")[:MAX_ITEMS]
    lines = [line for item in items if (line := _item(item))]
    note = text_at(order, "text").strip()
    if not lines and not note:
        return ""
    return "\n".join(["Order:", *lines, *([note] if note else [])])


def _item(item: JsonObject) -> str:
    name = word_at(item, "product_retailer_id")
    count, price = number_at(item, "quantity"), number_at(item, "item_price")
    if not name and price is None:
        return ""
    words = [f"{_plain(count)} ×" if count is not None else "", name or "an item"]
    if price is not None:
        words.append(f"at {_plain(price)} {word_at(item, 'currency')}".rstrip())
    return "- " + " ".join(word for word in words if word)


def flow_words(reply: JsonObject) -> str:
    """A form's answers, a line each; what is no JSON object, as it came."""
    told = reply.get("response_json")
    answers: object = told
    if isinstance(told, str):
        try:
            answers = json.loads(told)
        except (ValueError, RecursionError):
            return told.strip() or text_at(reply, "body").strip()
    if not isinstance(answers, dict):
        return text_at(reply, "body").strip()
    shown = [(name, value) for name, value in answers.items() if name not in HIDDEN and value not in (None, "")]
    lines = [f"{name}: {_said(value)}" for name, value in shown[:MAX_FIELDS]]
    return "\n".join(lines) or text_at(reply, "body").strip()


def permission_words(reply: JsonObject) -> str:
    """Whether the business may call."""
    answer = text_at(reply, "response").strip()
    return f"Permission to call: {answer[:64]}" if answer else ""


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e15 else f"{number:.0f}"[:32]
