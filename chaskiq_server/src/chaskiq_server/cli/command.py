"""The whole command: its groups put together, and every error turned into one sentence and an exit code."""

import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from typer.main import get_command

from chaskiq_core.errors import ChaskiqError, InvalidError, NotFoundError, SettingsError
from chaskiq_server.cli import (
    agents,
    apps,
    channels,
    database,
    deliveries,
    doctor,
    inbound,
    integrations,
    plugin_authors,
    sandbox,
    serve,
    tokens,
    worker,
)
from chaskiq_server.cli.answers import tell
from chaskiq_server.logs import configure_logging

WRONG_ARGUMENT = (SettingsError, NotFoundError, InvalidError)
INTERRUPTED = 130

app = typer.Typer(
    name="chaskiq",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    epilog="Example: chaskiq apps create --name Acme, then chaskiq serve",
)
serve.add_to(app)
worker.add_to(app)
doctor.add_to(app)
sandbox.add_to(app)
app.add_typer(database.group)
app.add_typer(apps.group)
app.add_typer(agents.group)
app.add_typer(tokens.group)
app.add_typer(integrations.group)
app.add_typer(channels.group)
app.add_typer(plugin_authors.group)
app.add_typer(inbound.group)
app.add_typer(deliveries.group)


def main() -> None:
    """The entry point: exits 0, 1 for a refusal, 2 for a wrong or missing argument."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; its exit code."""
    configure_logging("console", level=logging.ERROR)
    try:
        code = get_command(app).main(args=list(arguments), prog_name="chaskiq", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:
        return explain(error)
    return code if isinstance(code, int) else 0


def explain(error: BaseException) -> int:
    """Say in one sentence what went wrong; the exit code."""
    match error := _leaf(error):
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            hint = f" (see {context.command_path} --help)" if context else ""
            tell(" ".join(error.format_message().replace("Value error, ", "").split()) + hint)
            return error.exit_code
        case ChaskiqError():
            tell(str(error))
            return 2 if isinstance(error, WRONG_ARGUMENT) else 1
        case KeyboardInterrupt() | typer.Abort():
            return INTERRUPTED
        case OSError():
            tell(str(error))
            return 1
        case _:
            logging.getLogger("chaskiq.cli").debug("the command failed", exc_info=error)
            tell(f"internal error: {type(error).__name__}: {error}")
            return 1


def _leaf(error: BaseException) -> BaseException:
    """The error itself, out of the groups that task groups wrap it in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chaskiq {version('chaskiq-server')}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Chaskiq: a customer-messaging engine. Settings come from the environment (CHASKIQ_…) or a .env file."""
