"""Shell blocks of the docs as words, and whether `chaskiq` would take its own; nothing is run."""

import re
import shlex
from collections.abc import Iterator, Sequence

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_command

from chaskiq_server.cli.command import app

SEPARATORS = {"|", "||", "&&", ";", "&", "(", ")"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


def commands_in(script: str) -> Iterator[list[str]]:
    """Each simple command's words, without the variables that are set before it; comments are none."""
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()")
        lexer.whitespace_split, lexer.commenters = True, "#"
        words: list[str] = []
        for word in [*lexer, ";"]:
            if word in SEPARATORS:
                yield from [words] if words else []
                words = []
            elif words or not _ASSIGNMENT.fullmatch(word):
                words.append(word)


def problem_with(words: Sequence[str]) -> str | None:
    """What is wrong with a `chaskiq` command line, found by its own parser; None: nothing."""
    command, given = get_command(app), list(words)
    context = typer.Context(command, info_name="chaskiq")
    try:
        while isinstance(command, TyperGroup):
            _, given, _ = command.make_parser(context).parse_args(list(given))
            if not given:
                return None if command.invoke_without_command or words else "no command is named"
            name = given.pop(0)
            if name not in command.commands:
                return f"{context.command_path} has no command {name}"
            command = command.commands[name]
            context = typer.Context(command, info_name=name, parent=context)
        found, left, _ = command.make_parser(context).parse_args(given)
    except typer.TyperException as error:
        return str(error)
    if left:
        return f"{left} is too much"
    for one in command.params:
        assert isinstance(one, TyperArgument | TyperOption)
        value = found.get(one.name)
        if one.required and (value is None or value == () or not isinstance(value, str | tuple | list)):
            return f"{one.name} is missing"
        choices = [str(choice.value) for choice in one.type_descriptor.choices or ()]
        if isinstance(value, str) and choices and value not in choices:
            return f"{one.name} is one of {choices}"
    return None
