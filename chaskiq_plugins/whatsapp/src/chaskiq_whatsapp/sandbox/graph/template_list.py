"""`GET /{account}/message_templates`: a page of templates."""

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_whatsapp.sandbox.graph.numbers import account_of
from chaskiq_whatsapp.sandbox.graph.reading import word_of
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox

USUAL_LIMIT = 25


def list_templates(sandbox: WhatsAppSandbox, waba_id: str, query: JsonObject) -> JsonObject:
    """Those of a status and a name, if asked; `after` is where the next page begins."""
    wanted = {name: word_of(query[name]) for name in ("status", "name", "language") if query.get(name)}
    found = [
        one
        for one in sandbox.templates.all(account_of(sandbox, waba_id))
        if all(str(one[name]) == value for name, value in wanted.items())
    ]
    start, limit = _number(query.get("after"), 0), _number(query.get("limit"), USUAL_LIMIT)
    page: list[Json] = list(found[start : start + limit])
    answer: JsonObject = {"data": page}
    if start + limit < len(found):
        answer["paging"] = {"cursors": {"after": str(start + limit)}, "next": "more"}
    return answer


def _number(value: Json, usual: int) -> int:
    text = word_of(value)
    return int(text) if text.isdecimal() and len(text) < 6 else usual
