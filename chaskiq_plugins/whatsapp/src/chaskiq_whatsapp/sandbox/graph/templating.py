"""A template on its way out: found, its parameters counted, its text put together."""

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_whatsapp.sandbox.errors import GraphError
from chaskiq_whatsapp.sandbox.graph.contents import CHECKS
from chaskiq_whatsapp.sandbox.graph.reading import object_of, text_of, word_of
from chaskiq_whatsapp.sandbox.memory.templates import filled, places_in
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox

DEAD = {"PAUSED": 132015, "DISABLED": 132016, "REJECTED": 132001, "PENDING": 132001}


def check_template(sandbox: WhatsAppSandbox, waba_id: str, body: JsonObject) -> JsonObject:
    """The message as the customer sees it: the template filled, its buttons numbered."""
    told = object_of(body, "template")
    name = text_of(told, "name", "template['name']", 512)
    language = text_of(object_of(told, "language"), "code", "template['language']['code']", 15)
    template = sandbox.templates.find(waba_id, name, language)
    if template is None:
        raise GraphError(132001, f"template name ({name}) does not exist in {language}")
    if code := DEAD.get(str(template["status"])):
        raise GraphError(code)
    given = {
        (str(one.get("type", "")).lower(), word_of(one.get("index"))): one for one in _objects(told.get("components"))
    }
    seen: JsonObject = {"name": name, "language": language}
    named = template["parameter_format"] == "NAMED"
    for part in _objects(template["components"]):
        _fill(sandbox, part, given, seen, named=named)
    return {"type": "template", "template": told, "seen": seen}


def _fill(
    sandbox: WhatsAppSandbox,
    part: JsonObject,
    given: dict[tuple[str, str], JsonObject],
    seen: JsonObject,
    *,
    named: bool,
) -> None:
    kind = str(part["type"]).lower()
    if kind == "buttons":
        seen["buttons"] = [_button(n, one, given) for n, one in enumerate(_objects(part["buttons"]))]
        return
    parameters = _objects((given.get((kind, "")) or {}).get("parameters"))
    if kind == "header" and part.get("format") in ("IMAGE", "VIDEO", "DOCUMENT"):
        media = str(part["format"]).lower()
        if len(parameters) != 1 or parameters[0].get("type") != media:
            raise GraphError(132012, f"header: Format mismatch, expected {part['format']}")
        CHECKS[media](sandbox, parameters[0])
        seen["header"] = {media: parameters[0][media]}
        return
    seen[kind] = filled(part.get("text"), _values(kind, part.get("text"), parameters, named=named))


def _values(kind: str, text: Json, parameters: list[JsonObject], *, named: bool) -> dict[str, str]:
    places = places_in(text)
    if len(parameters) != len(places):
        raise GraphError(
            132000, f"{kind}: number of localizable_params ({len(parameters)}) does not match the expected number of "
            f"params ({len(places)})"
        )  # fmt: skip
    values: dict[str, str] = {}
    for n, one in enumerate(parameters):
        if one.get("type") != "text":
            raise GraphError(132012, f"{kind}: Parameter of type text is missing")
        name = str(one.get("parameter_name", "")) if named else places[n]
        if name not in places:
            raise GraphError(132012, f"{kind}: Parameter name is missing or empty")
        values[name] = text_of(one, "text", f"{kind} parameter", 1024)
    return values


def _button(n: int, button: JsonObject, given: dict[tuple[str, str], JsonObject]) -> Json:
    told = given.get(("button", str(n)))
    parameters = _objects(told.get("parameters")) if told else []
    if button["type"] == "URL" and places_in(button.get("url")):
        if not parameters:
            raise GraphError(131008, f"buttons: Button at index {n} of type Url requires a parameter")
        [place] = places_in(button.get("url"))
        url = filled(button.get("url"), {place: word_of(parameters[0].get("text"))})
        return {"type": "URL", "text": button["text"], "url": url}
    payload = word_of(parameters[0].get("payload")) if parameters else ""
    return {"type": button["type"], "text": button["text"], "payload": payload or word_of(button["text"])}


def _objects(value: Json) -> list[JsonObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
