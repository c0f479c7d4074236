"""The page of hooks: each with its signature and all that its docstring says."""

import inspect

from chaskiq_core.plugin.hookspecs import ChannelHooks, ObserverHooks
from tools.reference.made import MADE

LABELS = ("Called", "Given", "Returns", "Raises", "Limit", "Twice")
LONGEST_LINE = 120
SUMMARY = (
    "A plugin is an object with functions marked `@hookimpl`, published under the entry-point group `chaskiq`. "
    "Everything that it imports is in `chaskiq_core.plugin`. It may take fewer arguments than a hook offers."
)


def hooks_page() -> str:
    """Every hook with its signature and all that its docstring says."""
    lines = ["# Hooks", "", MADE, SUMMARY, ""]
    for title, spec in (("Channel hooks", ChannelHooks), ("Observer hooks", ObserverHooks)):
        lines += [f"## {title}", "", inspect.getdoc(spec) or "", ""]
        for name, function in inspect.getmembers(spec, inspect.isfunction):
            lines += [f"### {name}", "", "```python", signature(name, function), "```", ""]
            lines += [*docstring_lines(function), ""]
    return "\n".join(lines).rstrip() + "\n"


def signature(name: str, function: object) -> str:
    """The hook as an author writes it."""
    assert callable(function)
    prefix = "async def" if inspect.iscoroutinefunction(function) else "def"
    parameters = [
        "self" if one.name == "self" else f"{one.name}: {_type(one.annotation)}"
        for one in inspect.signature(function).parameters.values()
    ]
    returned = _type(inspect.signature(function).return_annotation)
    line = f"{prefix} {name}({', '.join(parameters)}) -> {returned}: ..."
    if len(line) > LONGEST_LINE:
        line = f"{prefix} {name}(\n    {', '.join(parameters)}\n) -> {returned}: ..."
    if max(map(len, line.splitlines())) > LONGEST_LINE:
        separated = ",\n    ".join(parameters)
        line = f"{prefix} {name}(\n    {separated},\n) -> {returned}: ..."
    imports = "from datetime import datetime\n\n\n" if "datetime" in line else ""
    return f"{imports}@hookimpl\n{line}"


def docstring_lines(function: object) -> list[str]:
    """The docstring as a list of what an author asks."""
    lines: list[str] = []
    for line in (inspect.getdoc(function) or "").splitlines():
        label = line.split(":", 1)[0]
        if label in LABELS:
            lines.append(f"- **{label}:** {line.split(':', 1)[1].strip()}")
        elif lines and lines[-1].startswith("- ") and line:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return lines


def _type(annotation: object) -> str:
    text = inspect.formatannotation(annotation)
    for module in ("chaskiq_core.plugin.", "chaskiq_core.effects.", "collections.abc."):
        text = text.replace(module, "")
    for module in ("datetime.", "webhook.", "manifest.", "events.", "outbound.", "templates.", "views.", "hookspecs."):
        text = text.replace(module, "")
    return _short(text)


def _short(text: str) -> str:
    """Unions by the name that authors know them by."""
    for name, members in (
        ("Verdict", "Accepted | Answer | Refused"),
        ("Effect", "AddPart | Assign | Close | Reopen | Snooze | SetField"),
    ):
        text = text.replace(members, name)
    start = text.find("MessageReceived |")
    return text if start < 0 else text[:start] + "InboundEvent" + text[text.rfind("Ignored") + len("Ignored") :]
