"""Parameters of a call, checked as Meta checks them."""

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_whatsapp.sandbox.errors import GraphError


def object_of(body: JsonObject, name: str) -> JsonObject:
    """The object of that name; 131008 without it."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise GraphError(131008, f"Parameter '{name}' is mandatory")
    return found


def text_of(body: JsonObject, name: str, where: str, most: int, *, least: int = 1) -> str:
    """The text of that name, within its length."""
    found = body.get(name)
    if not isinstance(found, str) or len(found) < least:
        raise GraphError(131008, f"Parameter '{where}' is mandatory")
    if len(found) > most:
        raise GraphError(100, f"Param {where} must be at most {most} characters long")
    return found


def list_of(body: JsonObject, name: str, where: str, most: int) -> list[JsonObject]:
    """The objects of that name, one to so many."""
    found = body.get(name)
    if not isinstance(found, list) or not found:
        raise GraphError(131008, f"Parameter '{where}' is mandatory")
    if len(found) > most:
        raise GraphError(131009, f"{where} must have at most {most} elements")
    if not all(isinstance(one, dict) for one in found):
        raise GraphError(131009, f"{where} must be a list of objects")
    return [one for one in found if isinstance(one, dict)]


def word_of(value: Json) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
