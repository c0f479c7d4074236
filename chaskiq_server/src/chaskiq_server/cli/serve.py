"""`chaskiq serve`: the server."""

import logging
import os
import sys
from functools import partial
from typing import Annotated

import anyio
import typer

from chaskiq_core.hub import Chaskiq
from chaskiq_core.settings import load_settings
from chaskiq_core.telemetry import Telemetry
from chaskiq_server.logs import configure_logging
from chaskiq_server.tracing import spans_from

log = logging.getLogger("chaskiq.serve")


def add_to(app: typer.Typer) -> None:
    """Make it a command."""
    app.command("serve", epilog="Example: chaskiq serve --host 0.0.0.0 --port 8000")(run_server)


def run_server(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one of this machine.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="PORT", help="The port; 0 is any free one.")] = 3000,
    workers: Annotated[bool, typer.Option(help="Do the background work in this process, too.")] = True,
) -> None:
    """Run the server until it is told to stop: hooks in, REST and the cable out."""
    # fastapi takes half a second that no other command needs
    from chaskiq_server.app import create_app
    from chaskiq_server.serving import bind, serve, url_of

    settings = load_settings()
    configure_logging(settings.log_format)
    chaskiq = Chaskiq(settings, telemetry=Telemetry(tracer=spans_from(os.environ)))
    app = create_app(chaskiq, workers=workers)
    with bind(host, port) as listener:
        ready = partial(log.info, "serving at %s", url_of(listener))
        anyio.run(
            partial(serve, app, listener, on_ready=ready, on_stop=chaskiq.stop_work),
            backend_options={"use_uvloop": sys.platform != "win32"},
        )
    log.info("stopped")
