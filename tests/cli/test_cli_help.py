"""Help that teaches: every command says what it does and shows a line that could be typed."""

import shlex

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from chaskiq_core.model.table import JsonObject
from chaskiq_server.cli.command import app
from tests.harness.command_line import chaskiq

CONTRACT = [
    "serve", "worker", "db upgrade", "doctor", "apps create", "apps list", "agents create", "agents list",
    "agents disable", "inbound fixture",
    "tokens create", "tokens list", "tokens revoke", "integrations add", "integrations list", "integrations set",
    "integrations calls", "integrations pause", "integrations resume", "integrations rotate", "integrations remove",
    "integrations on-unknown", "channels", "channels parse", "inbound failed", "inbound replay", "deliveries cancel",
    "deliveries failed", "deliveries unknown", "deliveries confirm", "deliveries retry", "sandbox", "plugins new",
    "plugins check",
]  # fmt: skip
"""What stands of the contract's table of commands."""


def test_every_command_of_the_contract_stands() -> None:
    assert sorted(commands()) == sorted(
        {*CONTRACT, "apps", "agents", "tokens", "integrations", "db", "inbound", "deliveries", "plugins"}
    )


@pytest.mark.parametrize("name", CONTRACT)
def test_help_says_what_it_does_and_shows_an_example_that_parses(name: str) -> None:
    command = commands()[name]
    ended = chaskiq(*name.split(), "--help")

    assert ended.code == 0
    assert str(command["help"]).split(".")[0].split()[0] in ended.stdout
    prefix, _, example = str(command["epilog"]).partition(": ")
    assert prefix == "Example"
    assert shlex.split(example)[: len(name.split()) + 1] == ["chaskiq", *name.split()]
    assert "[default: None]" not in ended.stdout


def test_the_version_is_printed() -> None:
    ended = chaskiq("--version")

    assert (ended.code, ended.stdout) == (0, "chaskiq 0.1.0\n")


def commands() -> dict[str, JsonObject]:
    """Help and epilog of every command and group, by its words."""
    found: dict[str, JsonObject] = {}

    def walk(group: TyperGroup, words: list[str]) -> None:
        for name, command in group.commands.items():
            found[" ".join([*words, name])] = {"help": command.help, "epilog": command.epilog}
            if isinstance(command, TyperGroup):
                walk(command, [*words, name])

    root = get_command(app)
    assert isinstance(root, TyperGroup)
    walk(root, [])
    return found
