"""`make demo`: runs until Ctrl-C and keeps its data; with `--once` plays one conversation on fresh data and exits."""

import argparse
import logging
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

import anyio

from chaskiq_core.errors import ChaskiqError
from chaskiq_server.demo.guide import guide
from chaskiq_server.demo.play import play
from chaskiq_server.demo.running import running_demo
from chaskiq_server.logs import configure_logging
from chaskiq_server.signals import told_to_stop


def main() -> int:
    """The exit code: 0, or 1 with a sentence, or with a line of the transcript that is missing."""
    options = _read_options()
    configure_logging("console", level=logging.WARNING if options.once else logging.INFO)
    # the first acts of a process load code, which the store calls slow
    logging.getLogger("chaskiq.store").setLevel(logging.ERROR)
    try:
        if options.once:
            with tempfile.TemporaryDirectory(prefix="chaskiq-demo-") as folder:
                went_well = anyio.run(partial(_play_once, Path(folder), options.examples, seconds=options.seconds))
                return 0 if went_well else 1
        anyio.run(partial(_stay, options.folder, options.examples, port=options.port))
    except ChaskiqError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _play_once(folder: Path, examples: Path, *, seconds: float) -> bool:
    async with running_demo(folder, examples, port=0) as demo:
        return await play(demo, seconds=seconds)


async def _stay(folder: Path, examples: Path, *, port: int) -> None:
    async with running_demo(folder, examples, port=port) as demo:
        print(guide(demo), flush=True)
        await told_to_stop()
    print(f"The demo has stopped; its data stays in {folder}/.")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaskiq_server.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play one conversation on a fresh database, then exit")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 3000), help="the server's port")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where it keeps its data")
    parser.add_argument("--examples", type=Path, default=Path("examples"), help="where hello_bot and assign_rule are")
    parser.add_argument("--seconds", type=float, default=30, help="how long --once waits for all lines together")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
