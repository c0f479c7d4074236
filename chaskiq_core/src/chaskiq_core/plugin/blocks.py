"""Blocks: parts that ask for something, as plain JSON."""

from collections.abc import Mapping, Sequence

from chaskiq_core.model.table import JsonObject
from chaskiq_core.plugin.outbound import Option

ASK_OPTION = "ask_option"
MAX_OPTIONS = 20


def ask_option(label: str, options: Mapping[str, str]) -> JsonObject:
    """A question with answers to press: id → label. On a channel without buttons it is a numbered text.

    >>> ask_option("Can we help?", {"yes": "Yes, please"})["schema"]
    [{'id': 'yes', 'label': 'Yes, please', 'element': 'button'}]
    """
    schema = [{"id": id_, "label": text, "element": "button"} for id_, text in options.items()]
    return {"type": ASK_OPTION, "label": label, "schema": schema[:MAX_OPTIONS], "state": None, "values": None}


def options_of(block: JsonObject) -> tuple[Option, ...]:
    """The answers that a block offers; none if it asks for something else."""
    schema = block.get("schema")
    if block.get("type") != ASK_OPTION or not isinstance(schema, Sequence) or isinstance(schema, str):
        return ()
    return tuple(
        Option(id=str(one.get("id")), label=str(one["label"]))
        for one in schema
        if isinstance(one, Mapping) and one.get("label")
    )
