"""The page of the `chaskiq` command, read from its declarations: no terminal, locale or variable changes it."""

from collections.abc import Iterator, Sequence

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from chaskiq_server.cli.command import app
from tools.reference.made import MADE, table

SHELLS = ("install_completion", "show_completion")
"""typer's own, the same in every program."""
INTRODUCTION = """\
A command that prints data prints one JSON document on stdout; sentences for people go to stderr. The exit code is 0, or
2 for a wrong or missing argument (an unknown App, agent, provider or setting), or 1 for a refusal by a provider, the
database or the network. No command prompts. On SQLite each creates or upgrades the schema by itself and may run beside
a server. Each takes `-h` and `--help`, and each that prints data takes `--json`.
"""


def cli_page() -> str:
    """Every command with its help, arguments, options and example."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    lines = ["# The chaskiq command", "", MADE, root.help or "", "", INTRODUCTION]
    for words, command in commands(root):
        lines += [*_section(words, command), ""]
    return "\n".join(lines).rstrip() + "\n"


def commands(
    group: TyperGroup, words: Sequence[str] = ("chaskiq",)
) -> Iterator[tuple[tuple[str, ...], TyperCommand | TyperGroup]]:
    """The group, then its commands, each with the words that one types."""
    yield tuple(words), group
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*words, name))
        else:
            assert isinstance(command, TyperCommand)
            yield (*words, name), command


def _section(words: Sequence[str], command: TyperCommand | TyperGroup) -> list[str]:
    """A group is a heading with its sentence, and says of itself what it takes."""
    is_group = isinstance(command, TyperGroup)
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    options = [one for one in command.params if isinstance(one, TyperOption) and _is_told(one)]
    lines = [f"{'##' if is_group or len(words) == 2 else '###'} {' '.join(words)}", ""]
    if len(words) > 1:
        lines += [command.help or "", ""]
    if not is_group:
        lines += ["```text", _usage(words, arguments, options), "```", ""]
    if arguments or options:
        told: list[TyperArgument | TyperOption] = [*arguments, *options]
        rows = [(f"`{_name(one)}`", _meaning(one)) for one in told]
        lines += [*table(("argument or option", "meaning"), rows), ""]
    prefix, _, example = (command.epilog or "").partition(": ")
    if prefix == "Example":
        lines += [f"Example: `{example}`", ""]
    return lines[:-1]


def _is_told(option: TyperOption) -> bool:
    return not option.hidden and option.name not in SHELLS


def _usage(words: Sequence[str], arguments: Sequence[TyperArgument], options: Sequence[TyperOption]) -> str:
    told = [*words, *(_name(one) for one in arguments)]
    told += [_name(one) if one.required else f"[{_name(one)}]" for one in options]
    return " ".join(told)


def _name(one: TyperArgument | TyperOption) -> str:
    """As it is typed: `PROVIDER`, `--app KEY`, `--install/--no-install`."""
    if isinstance(one, TyperArgument):
        return one.metavar or one.name.upper()
    spelled = "/".join((*one.opts, *one.secondary_opts))
    return spelled if one.is_flag else f"{spelled} {one.metavar or _choices(one) or one.opts[0].lstrip('-').upper()}"


def _choices(option: TyperOption) -> str:
    return "|".join(str(choice.value) for choice in option.type_descriptor.choices or ())


def _meaning(one: TyperArgument | TyperOption) -> str:
    told = [one.help or ""]
    if isinstance(one, TyperOption):
        if one.required:
            told.append("Required.")
        elif default := _default(one):
            told.append(f"Default: `{default}`.")
        if isinstance(one.envvar, str):
            told.append(f"Also from `{one.envvar}`.")
    return " ".join(told)


def _default(option: TyperOption) -> str:
    if option.is_flag:
        return option.opts[0] if option.secondary_opts and option.default else ""
    return "" if option.default is None else str(option.default)
