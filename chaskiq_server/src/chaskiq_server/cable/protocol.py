"""The ActionCable protocol and AnyCable's extension of it as text: commands read, answers written. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chaskiq_core.plugin import JsonObject

MAX_COMMAND_BYTES = 65_536
MAX_IDENTIFIER_CHARACTERS = 1_000
WELCOME = '{"type":"welcome"}'


class Protocol(StrEnum):
    """What a client may offer to speak."""

    BASIC = "actioncable-v1-json"
    EXTENDED = "actioncable-v1-ext-json"
    """With the history of streams: each message names its place, from which a client resumes."""


class Reason(StrEnum):
    """Why the server ends a connection."""

    UNAUTHORIZED = "unauthorized"
    """No token, or one that is not valid for this App, or no longer."""
    INVALID_REQUEST = "invalid_request"
    """The client does not speak the protocol."""
    SERVER_RESTART = "server_restart"
    """The server can't serve now; come again."""
    SERVER_FULL = "too_many_connections"
    """This process serves as many clients as it may; come again, perhaps to another."""
    TOKEN_FULL = "too_many_connections_of_one_token"
    """One token has as many connections as it may; close some."""
    TOO_SLOW = "too_slow"
    """Changes came faster than the client took them; come again and load what is there."""


COMES_AGAIN = frozenset({Reason.SERVER_RESTART, Reason.SERVER_FULL, Reason.TOO_SLOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a client asks."""

    name: str
    """subscribe, unsubscribe, message, history; any other (pong) is ignored."""
    identifier: str
    """The subscription's name, as the client wrote it: it is sent back byte for byte."""
    asked: JsonObject
    """The identifier, decoded; empty if it is not a JSON object."""
    history: JsonObject | None = None
    """What the client asks to hear of the past, as it wrote it; see `cable.history`."""


def choose_protocol(offered: Sequence[str]) -> Protocol | None:
    """The first that we speak, too: a client names first what it likes best. None: no offer that we know."""
    return next((Protocol(one) for one in offered if one in tuple(Protocol)), None)


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
    history = message.get("history")
    return Command(
        name=name,
        identifier=identifier,
        asked=_decode(identifier) or {},
        history=history if isinstance(history, dict) else None,
    )


def welcome(session_id: str) -> str:
    """The first message of the extended protocol; by the session's id a client's log is matched with ours."""
    return f'{{"type":"welcome","sid":{json.dumps(session_id)}}}'


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


def placed_message(identifier: str, encoded: str, *, stream_id: str, epoch: str, offset: int) -> str:
    """The same with its place in the stream's history."""
    place = f'"stream_id":{json.dumps(stream_id)},"epoch":{json.dumps(epoch)},"offset":{offset}'
    return f'{{"identifier":{json.dumps(identifier)},"message":{encoded},{place}}}'


def confirm_history(identifier: str) -> str:
    """All that was missed has been said."""
    return f'{{"identifier":{json.dumps(identifier)},"type":"confirm_history"}}'


def reject_history(identifier: str) -> str:
    """What was missed isn't known any more: load what is there."""
    return f'{{"identifier":{json.dumps(identifier)},"type":"reject_history"}}'


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
