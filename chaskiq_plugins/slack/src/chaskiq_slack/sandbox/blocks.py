"""What Slack refuses in blocks: their number, their texts' lengths, what a button may hold."""

from collections.abc import Mapping

from chaskiq_core.testing.sandbox import Json, JsonObject, object_at
from chaskiq_slack.sandbox.errors import SlackError

MAX_BLOCKS = 50
MAX_ALL = 13_200
MAX_TEXT = {"section": 3000, "header": 150}
MAX_FIELDS, MAX_FIELD = 10, 2000
MAX_ELEMENTS = {"actions": 25, "context": 10}
MAX_BUTTON, MAX_VALUE, MAX_ID = 75, 2000, 255
KINDS = frozenset(
    {"section", "header", "actions", "context", "divider", "image", "rich_text", "input", "file", "markdown"}
)
TEXTS = frozenset({"mrkdwn", "plain_text"})


def check_blocks(value: Json) -> list[Json]:
    """The blocks of a message; SlackError for what Slack does not take."""
    if not isinstance(value, list):
        raise SlackError("invalid_blocks_format")
    if len(value) > MAX_BLOCKS:
        raise SlackError("invalid_blocks")
    for block in value:
        if not isinstance(block, dict) or block.get("type") not in KINDS:
            raise SlackError("invalid_blocks")
        _check(block)
    if sum(len(str(block)) for block in value) > MAX_ALL:
        raise SlackError("msg_blocks_too_long")
    return value


def _check(block: JsonObject) -> None:
    kind = str(block["type"])
    if kind in MAX_TEXT and ("text" in block or kind == "header"):
        _check_text(object_at(block, "text"), MAX_TEXT[kind])
    elif kind == "section" and "fields" not in block:
        raise SlackError("invalid_blocks")
    fields, elements = block.get("fields"), block.get("elements")
    if isinstance(fields, list):
        _count(fields, MAX_FIELDS)
        for one in fields:
            _check_text(one if isinstance(one, dict) else {}, MAX_FIELD)
    if kind in MAX_ELEMENTS:
        if not isinstance(elements, list) or not elements:
            raise SlackError("invalid_blocks")
        _count(elements, MAX_ELEMENTS[kind])
        if kind == "actions":
            _check_actions(elements)


def _check_actions(elements: list[Json]) -> None:
    ids: list[Json] = []
    for one in elements:
        if not isinstance(one, dict) or not one.get("type"):
            raise SlackError("invalid_blocks")
        ids.append(one.get("action_id"))
        if len(str(one.get("action_id", ""))) > MAX_ID or len(str(one.get("value", ""))) > MAX_VALUE:
            raise SlackError("invalid_blocks")
        if one["type"] == "button":
            text = object_at(one, "text")
            if text.get("type") != "plain_text":
                raise SlackError("invalid_blocks")
            _check_text(text, MAX_BUTTON)
    named = [one for one in ids if one is not None]
    if len(named) != len(set(map(str, named))):
        raise SlackError("invalid_blocks")


def _check_text(text: Mapping[str, Json], longest: int) -> None:
    said = text.get("text")
    if text.get("type") not in TEXTS or not isinstance(said, str) or not 1 <= len(said) <= longest:
        raise SlackError("invalid_blocks")


def _count(values: list[Json], most: int) -> None:
    if len(values) > most:
        raise SlackError("invalid_blocks")
