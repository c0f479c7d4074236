"""The head of a thread in which agents follow a conversation: who, where, how it stands, and what they can do."""

from collections.abc import Iterator

from chaskiq_core.plugin import JsonObject, MirrorAction, MirrorView, PersonView
from chaskiq_slack.escape import escape

CLOSE, REOPEN = "chaskiq_mirror_close", "chaskiq_mirror_reopen"
PRIORITIZE, DEPRIORITIZE = "chaskiq_mirror_prioritize", "chaskiq_mirror_deprioritize"
ASSIGN = "chaskiq_mirror_assign"
SEND = "chaskiq_mirror_send"
"""The callback id of the message shortcut that sends a note to the contact."""
NOBODY = "nobody"
ACTIONS: dict[str, MirrorAction] = {
    CLOSE: "close",
    REOPEN: "reopen",
    PRIORITIZE: "prioritize",
    DEPRIORITIZE: "deprioritize",
}
MAX_OPTIONS = 50
"""Slack takes 100, and about 13,000 characters of blocks in all."""
MAX_OPTION = 75


def head_blocks(mirror: MirrorView, *, hint: str) -> list[JsonObject]:
    """The head as blocks."""
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": _title(mirror), "verbatim": True}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": hint, "verbatim": True}]},
        {"type": "actions", "elements": list(_acts(mirror))},
    ]


def head_text(mirror: MirrorView) -> str:
    """The head in one line, for notifications."""
    return f"{escape(_name(mirror))} on {_where(mirror)}: {mirror.conversation.state}"


def _title(mirror: MirrorView) -> str:
    conversation, contact = mirror.conversation, mirror.contact
    lines = [f"*{escape(_name(mirror)).replace('*', '')}* on {_where(mirror)}"]
    lines += [escape(told) for told in (contact.email, contact.phone) if told]
    if conversation.subject:
        lines.append(f"Subject: {escape(conversation.subject)}")
    assignee = conversation.assignee.name if conversation.assignee else "nobody"
    state = f"{conversation.state}{', first' if conversation.priority else ''}"
    lines.append(f"{state}, assigned to {escape(assignee)}")
    return "\n".join(lines)[:2_900]


def _name(mirror: MirrorView) -> str:
    return mirror.contact.name[:200] or "Somebody"


def _where(mirror: MirrorView) -> str:
    return ", ".join(dict.fromkeys(escape(one.provider) for one in mirror.conversation.channels)) or "the web"


def _acts(mirror: MirrorView) -> Iterator[JsonObject]:
    conversation = mirror.conversation
    yield _button(REOPEN, "Reopen") if conversation.state == "closed" else _button(CLOSE, "Close")
    yield _button(DEPRIORITIZE, "Not first") if conversation.priority else _button(PRIORITIZE, "Show first")
    options = [_option(NOBODY, "Nobody"), *(_option(one.id, one.name) for one in mirror.agents[: MAX_OPTIONS - 1])]
    picker: JsonObject = {"type": "static_select", "action_id": ASSIGN, "options": options}
    picker = {**picker, "placeholder": {"type": "plain_text", "text": "Assign to"}}
    assignee = conversation.assignee
    if assignee is not None and any(option["value"] == assignee.id for option in options):
        picker = {**picker, "initial_option": _option(assignee.id, _name_of(assignee, mirror.agents))}
    yield picker


def _name_of(assignee: PersonView, agents: tuple[PersonView, ...]) -> str:
    """The name as it stands among the options: Slack wants the very same one."""
    return next((one.name for one in agents if one.id == assignee.id), assignee.name)


def _button(action_id: str, label: str) -> JsonObject:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": label}}


def _option(value: str, label: str) -> JsonObject:
    return {"text": {"type": "plain_text", "text": label[:MAX_OPTION].strip() or value}, "value": value}
