"""Options as reply buttons, or as the rows of a list: an id is the option's place, as the core wants it back."""

from collections.abc import Sequence

from chaskiq_core.plugin import JsonObject, Option
from chaskiq_whatsapp.manifest import MAX_BUTTON_LABEL, MAX_BUTTONS, MAX_BUTTONS_BODY

OPEN_LIST = "…"
"""What stands on the button that opens a list: it says nothing in any language."""


def interactive_message(body: str, options: Sequence[Option]) -> JsonObject:
    """Buttons where they all fit, else a list."""
    labels = [" ".join(option.label.split()) for option in options]
    fit_buttons = (
        len(labels) <= MAX_BUTTONS
        and all(len(label) <= MAX_BUTTON_LABEL for label in labels)
        and len(set(labels)) == len(labels)  # two that say the same are refused
        and len(body) <= MAX_BUTTONS_BODY
    )
    told: dict[str, object] = {"type": "button" if fit_buttons else "list", "body": {"text": body}}
    if fit_buttons:
        told["action"] = {
            "buttons": [{"type": "reply", "reply": {"id": str(n), "title": one}} for n, one in enumerate(labels)]
        }
    else:
        rows = [{"id": str(n), "title": one} for n, one in enumerate(labels)]
        told["action"] = {"button": OPEN_LIST, "sections": [{"rows": rows}]}
    return {"type": "interactive", "interactive": told}
