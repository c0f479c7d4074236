"""`chaskiq sandbox`: a provider of one's own, so that no account and no token is needed."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from chaskiq_core.errors import NotFoundError
from chaskiq_server.cli.answers import tell
from chaskiq_server.cli.plugins import installed_plugins


def add_to(app: typer.Typer) -> None:
    """Make it a command."""
    app.command("sandbox", epilog="Example: chaskiq sandbox telegram --port 8081")(run_sandbox)


def run_sandbox(
    provider: Annotated[str, typer.Argument(help="As `chaskiq channels` names it.", show_default=False)],
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port, on this machine only.")] = 8081,
    file: Annotated[
        Path | None, typer.Option(help="Where it keeps what it knows; by default it forgets.", dir_okay=False)
    ] = None,
) -> None:
    """Play a provider until stopped: set an integration's api_base to its URL."""
    # uvicorn, which few commands need
    from chaskiq_server.serving import LOOPBACK, bind

    channel = installed_plugins().channel(provider)
    package = (channel.entry or "").partition(":")[0]
    try:
        sandbox = importlib.import_module(f"{package}.sandbox")
    except ImportError as error:
        raise NotFoundError(f"the plugin {channel.name} has no sandbox, or not all that it needs: {error}") from error
    with bind(LOOPBACK, port):
        pass  # what is taken is said in one sentence
    url = f"http://{LOOPBACK}:{port}"
    tell(f"the {channel.manifest.title} sandbox is at {url} until Ctrl-C; be its customer at {url}/phone")
    sandbox.run(host=LOOPBACK, port=port, path=file)
