"""`python -m bench.servers.chaskiq URL`: Chaskiq as `chaskiq serve` runs it, but for its log."""

import argparse
import logging
from functools import partial

import anyio

from bench.house import settings_of
from bench.servers.tell import tell_port
from chaskiq_core.hub import Chaskiq
from chaskiq_server.app import create_app
from chaskiq_server.serving import LOOPBACK, bind, serve


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m bench.servers.chaskiq", description=__doc__)
    parser.add_argument("database_url")
    parser.add_argument("--workers", action="store_true", help="do the background work in this process, too")
    asked = parser.parse_args()
    logging.getLogger("chaskiq").setLevel(logging.ERROR)
    app = create_app(Chaskiq(settings_of(asked.database_url)), workers=asked.workers)
    with bind(LOOPBACK, 0) as listener:
        anyio.run(
            partial(serve, app, listener, on_ready=partial(tell_port, listener)), backend_options={"use_uvloop": True}
        )


if __name__ == "__main__":
    main()
