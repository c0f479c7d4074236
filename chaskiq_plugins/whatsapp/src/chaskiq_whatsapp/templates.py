"""Templates of the business account: listed, and put together on their way out."""

import re

from chaskiq_core.plugin import (
    ButtonKind,
    ChannelContext,
    ContentError,
    HeaderMedia,
    JsonObject,
    OutgoingTemplate,
    Piece,
    Template,
    TemplateButton,
    Values,
)
from chaskiq_whatsapp.calling.files import KINDS, source_of
from chaskiq_whatsapp.calling.graph import Graph
from chaskiq_whatsapp.fields import list_at, object_at, objects_at, text_at
from chaskiq_whatsapp.manifest import WhatsAppSettings

PAGE = 100
MAX_PAGES = 60
"""A verified account has up to 6,000."""
FIELDS = "name,language,status,category,components,parameter_format"
HEADERS: dict[str, HeaderMedia] = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "file"}
BUTTONS: dict[str, ButtonKind] = {
    "QUICK_REPLY": "quick_reply",
    "URL": "url",
    "PHONE_NUMBER": "phone",
    "COPY_CODE": "copy_code",
}
KNOWN = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS"})
HARMLESS_BUTTONS = frozenset({"QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL"})
_BLANKS = re.compile(r"\s+")


async def list_templates(context: ChannelContext[WhatsAppSettings]) -> list[Template]:
    """All of the account's, page by page; those that can't be sent with their reason."""
    waba_id = context.settings.waba_id
    if waba_id is None:
        raise ContentError("the setting waba_id is missing: without it WhatsApp does not tell its templates")
    graph = Graph(context)
    found: list[Template] = []
    after = ""
    for _ in range(MAX_PAGES):
        query = {"limit": str(PAGE), "fields": FIELDS, **({"after": after} if after else {})}
        answer = await graph.get(f"{waba_id}/message_templates", query)
        found += [template for one in objects_at(answer, "data") if (template := template_of(one)) is not None]
        paging = object_at(answer, "paging")
        after = text_at(object_at(paging, "cursors"), "after")
        if not after or not text_at(paging, "next"):
            break
    return found


def template_of(told: JsonObject) -> Template | None:
    """A template as Meta lists it; None without a name or a language."""
    name, language = text_at(told, "name"), text_at(told, "language")
    if not name or not language:
        return None
    parts = {text_at(part, "type").upper(): part for part in objects_at(told, "components")}
    header, buttons = parts.get("HEADER", {}), objects_at(parts.get("BUTTONS", {}), "buttons")
    shape = text_at(header, "format").upper()
    return Template(
        name=name,
        language=language,
        category=text_at(told, "category").lower(),
        header=text_at(header, "text") if shape in ("", "TEXT") else "",
        header_media=HEADERS.get(shape),
        body=text_at(parts.get("BODY", {}), "text"),
        footer=text_at(parts.get("FOOTER", {}), "text"),
        buttons=tuple(
            TemplateButton(
                kind=BUTTONS.get(text_at(button, "type").upper(), "other"),
                text=text_at(button, "text"),
                url=text_at(button, "url"),
            )
            for button in buttons
        ),
        named=text_at(told, "parameter_format").upper() == "NAMED",
        problem=_problem(told, set(parts), shape, buttons),
    )


def _problem(told: JsonObject, parts: set[str], header: str, buttons: list[JsonObject]) -> str | None:
    status = text_at(told, "status").upper()
    if status != "APPROVED":
        return f"WhatsApp says it is {status.lower().replace('_', ' ') or 'not approved'}"
    if strange := sorted(parts - KNOWN):
        return f"it has a part that can't be filled here: {strange[0].lower().replace('_', ' ')}"
    if header not in ("", "TEXT", *HEADERS):
        return f"its heading can't be filled here: {header.lower()}"
    kinds = {text_at(button, "type").upper() for button in buttons}
    if strange := sorted(kinds - HARMLESS_BUTTONS):
        return f"it has a button that can't be filled here: {strange[0].lower().replace('_', ' ')}"
    return None if "BODY" in parts or list_at(told, "components") else "it has no text"


async def template_message(
    piece: Piece, template: OutgoingTemplate, graph: Graph, number_id: str, context: ChannelContext[WhatsAppSettings]
) -> JsonObject:
    """The part of a message that names its template and fills it."""
    components: list[JsonObject] = []
    if piece.media:
        kind = KINDS[piece.media[0].type]
        source = await source_of(piece.media[0], graph, number_id, context)
        if kind == "document":
            source["filename"] = piece.media[0].filename
        components.append({"type": "header", "parameters": [{"type": kind, kind: source}]})
    elif template.header:
        components.append({"type": "header", "parameters": _texts(template.header, named=template.named)})
    if template.body:
        components.append({"type": "body", "parameters": _texts(template.body, named=template.named)})
    for button in template.buttons:
        parameter: JsonObject = {"type": "text", "text": button.value}
        if button.kind == "copy_code":
            parameter = {"type": "coupon_code", "coupon_code": button.value}
        elif button.kind == "quick_reply":
            parameter = {"type": "payload", "payload": button.value}
        components.append(
            {"type": "button", "sub_type": button.kind, "index": str(button.index), "parameters": [parameter]}
        )
    told: dict[str, object] = {"name": template.name, "language": {"code": template.language}}
    if components:
        told["components"] = components
    return {"type": "template", "template": told}


def _texts(values: Values, *, named: bool) -> list[JsonObject]:
    """WhatsApp takes no line breaks and no rows of blanks in a value."""
    return [
        {"type": "text", "text": _BLANKS.sub(" ", value), **({"parameter_name": place} if named else {})}
        for place, value in values
    ]
