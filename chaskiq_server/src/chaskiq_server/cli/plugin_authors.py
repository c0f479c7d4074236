"""`chaskiq plugins`: for who writes a channel plugin. A new one to begin with, and how far one has come."""

import os
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chaskiq_core.errors import NotFoundError, RefusalError
from chaskiq_server.cli.answers import show, tell
from chaskiq_server.cli.declare import JsonFlag
from chaskiq_server.scaffold import new_plugin

LONGEST_CHECK_SECONDS = 1800
BELOW = 1

group = typer.Typer(
    name="plugins",
    help="Write a channel plugin: begin one, and see how far it has come.",
    epilog="Example: chaskiq plugins new acme",
    no_args_is_help=True,
)


class Minimum(StrEnum):
    """The tiers of the scorecard."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


@group.command("new", epilog="Example: chaskiq plugins new acme --into plugins")
def new(
    name: Annotated[
        str,
        typer.Argument(help="The provider, lower case: acme, acme_chat. It names the package too.", show_default=False),
    ],
    into: Annotated[
        Path, typer.Option(help="The folder in which the package's folder is made.", file_okay=False)
    ] = Path(),
    json: JsonFlag = False,
) -> None:
    """Write a channel plugin for a made-up provider: a package that installs, runs and passes the conformance kit.

    Put your provider in its place, file by file: manifest, verify, route, parse, send, sandbox. Its README says what is
    where, and its tests say what still holds.
    """
    folder, files = new_plugin(name, into)
    tell(f"next: pip install -e '{folder}[sandbox]', then python -m pytest {folder}")
    show({"provider": name, "folder": str(folder), "files": files})


@group.command("check", epilog="Example: chaskiq plugins check telegram --min gold")
def check(
    name: Annotated[str, typer.Argument(help="The provider of an installed plugin.", show_default=False)],
    minimum: Annotated[
        Minimum, typer.Option("--min", help="Exit 1 if the plugin is below this tier.")
    ] = Minimum.BRONZE,
    json: Annotated[bool, typer.Option("--json", help="Print the scorecard as JSON.")] = False,
) -> None:
    """Run the conformance kit on an installed channel plugin and print its scorecard; exit 1 below --min.

    Each rule plays the plugin's sandbox against a real hub on a database of its own; no account, no network and no
    running server is needed. It takes a minute or so.
    """
    try:
        from chaskiq_core.testing.conformance import Scorecard, Tier
        from chaskiq_core.testing.conformance.installed import CHECKED, find_checked
        from chaskiq_core.testing.conformance.reporting import WRITE_TO
    except ImportError as error:
        raise NotFoundError(f"the kit needs `pip install chaskiq-core[testing]`: {error}") from error
    channel, _, _ = find_checked(name)
    with tempfile.TemporaryDirectory(prefix="chaskiq-check-") as folder:
        card_file = Path(folder) / "card.json"
        environment = {**os.environ, CHECKED: channel.manifest.provider, WRITE_TO: str(card_file)}
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", folder, "--basetemp"]
        command += [f"{folder}/runs", "-p", "no:cacheprovider", "--import-mode=importlib", "--pyargs"]
        tell(f"checking {channel.manifest.title}")
        ended = subprocess.run(
            [*command, "chaskiq_core.testing.conformance.installed"],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LONGEST_CHECK_SECONDS,
        )
        if not card_file.exists():
            raise RefusalError(f"the check did not run to its end: {_last_line(ended.stdout + ended.stderr)}")
        card = Scorecard.read(card_file.read_text())
    if json:
        show(card.as_json())
    else:
        typer.echo(card.as_text())
    if not card.reaches(Tier(minimum)):
        tell(f"{card.channel} is below {minimum}; missing: {', '.join(card.missing_up_to(Tier(minimum)))}")
        raise typer.Exit(BELOW)


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "nothing was said")
