"""The ActionCable protocol as text: commands read, answers written. Pure."""

import json
from dataclasses import dataclass
from enum import StrEnum

from chaskiq_core.plugin import JsonObject

SUBPROTOCOL = "actioncable-v1-json"
MAX_COMMAND_BYTES = 65_536
MAX_IDENTIFIER_CHARACTERS = 1_000
WELCOME = '{"type":"welcome"}'


class Reason(StrEnum):
    """Why the server ends a connection."""

    UNAUTHORIZED = "unauthorized"
    """No token, or one that is not valid for this App, or no longer."""
    INVALID_REQUEST = "invalid_request"
    """The client does not speak the protocol."""
    SERVER_RESTART = "server_restart"
    """The server can't serve now; come again."""
    TOO_SLOW = "too_slow"
    """Changes came faster than the client took them; come again and load what is there."""


COMES_AGAIN = frozenset({Reason.SERVER_RESTART, Reason.TOO_SLOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a client asks."""

    name: str
    """subscribe, unsubscribe, message; any other is ignored."""
    identifier: str
    """The subscription's name, as the client wrote it: it is sent back byte for byte."""
    asked: JsonObject
    """The identifier, decoded; empty if it is not a JSON object."""


def read_command(text: str) -> Command | None:
    """The command in a message; None for what is none."""
    if len(text) > MAX_COMMAND_BYTES or len(text.encode("utf-8", "replace")) > MAX_COMMAND_BYTES:
        return None
    message = _decode(text)
    if message is None:
        return None
    name, identifier = message.get("command"), message.get("identifier", "")
    if not isinstance(name, str) or not isinstance(identifier, str) or len(identifier) > MAX_IDENTIFIER_CHARACTERS:
        return None
    return Command(name=name, identifier=identifier, asked=_decode(identifier) or {})


def ping(seconds: int) -> str:
    """Says that the connection lives; `seconds` since 1970."""
    return f'{{"type":"ping","message":{seconds}}}'


def confirm(identifier: str) -> str:
    """The subscription stands."""
    return f'{{"identifier":{json.dumps(identifier)},"type":"confirm_subscription"}}'


def reject(identifier: str) -> str:
    """The subscription is refused."""
    return f'{{"identifier":{json.dumps(identifier)},"type":"reject_subscription"}}'


def message(identifier: str, encoded: str) -> str:
    """Something was said on the subscription's stream; `encoded` is JSON already."""
    return f'{{"identifier":{json.dumps(identifier)},"message":{encoded}}}'


def disconnect(reason: Reason) -> str:
    """The last message of a connection."""
    again = "true" if reason in COMES_AGAIN else "false"
    return f'{{"type":"disconnect","reason":"{reason}","reconnect":{again}}}'


def _decode(text: str) -> JsonObject | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
