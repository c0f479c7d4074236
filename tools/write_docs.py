"""Writes the reference pages that are made from the code: hooks, settings, errors. `--check` fails if one is stale."""

import argparse
import inspect
import sys
from pathlib import Path

from chaskiq_core import errors
from chaskiq_core.plugin.hookspecs import ChannelHooks, ObserverHooks
from chaskiq_core.settings import Settings

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
LABELS = ("Called", "Given", "Returns", "Raises", "Limit", "Twice")
LONGEST_LINE = 120
MADE = "<!-- Made by `make docs` from the code; edit the docstrings there. -->\n"


def hooks_page() -> str:
    """Every hook with its signature and all that its docstring says."""
    lines = ["# Hooks", "", MADE, inspect.cleandoc(f"{_summary()}"), ""]
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
    return f"@hookimpl\n{line}"


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


def settings_page() -> str:
    """Every setting with its default and meaning."""
    lines = ["# Settings", "", MADE, "From the environment, a `.env` file, or `load_settings(…)`.", ""]
    lines += ["| variable | default | meaning |", "|---|---|---|"]
    for name, described in Settings.model_fields.items():
        default = "required" if described.is_required() else f"`{described.default!r}`"
        lines.append(f"| `CHASKIQ_{name.upper()}` | {default} | {described.description} |")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """The tree of errors, and what each says."""
    tree = (errors.__doc__ or "").split("\n\n", 1)[1].rstrip()
    lines = ["# Errors", "", MADE, (errors.__doc__ or "").splitlines()[0], "", "```text", tree, "```", ""]
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, errors.ChaskiqError):
            lines += [f"- **{name}:** {' '.join((inspect.getdoc(error) or '').split())}"]
    return "\n".join(lines) + "\n"


PAGES = {"hooks.md": hooks_page, "settings.md": settings_page, "errors.md": errors_page}


def _summary() -> str:
    return (
        "A plugin is an object with functions marked `@hookimpl`, published under the entry-point group `chaskiq`. "
        "Everything that it imports is in `chaskiq_core.plugin`. It may take fewer arguments than a hook offers."
    )


def _type(annotation: object) -> str:
    text = inspect.formatannotation(annotation)
    for module in ("chaskiq_core.plugin.", "chaskiq_core.effects.", "collections.abc."):
        text = text.replace(module, "")
    for module in ("webhook.", "manifest.", "events.", "outbound.", "views.", "hookspecs."):
        text = text.replace(module, "")
    return _short(text)


def _short(text: str) -> str:
    """Unions by the name that authors know them by."""
    for name, members in (
        ("Verdict", "Accepted | Answer | Refused"),
        ("Effect", "AddPart | Assign | Close | Reopen | SetField"),
    ):
        text = text.replace(members, name)
    start = text.find("MessageReceived |")
    return text if start < 0 else text[:start] + "InboundEvent" + text[text.rfind("Ignored") + len("Ignored") :]


def main() -> int:
    """Write the pages, or say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if a page is stale")
    check = parser.parse_args().check
    stale = []
    for name, make in PAGES.items():
        path = FOLDER / name
        page = make()
        if path.exists() and path.read_text() == page:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page)
    if check and stale:
        print(f"stale: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    print(f"{len(PAGES)} pages, {len(stale)} {'stale' if check else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
