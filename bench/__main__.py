"""`python -m bench`: runs the benches on both databases; progress to stderr, the table to stdout."""

import argparse
import asyncio
import logging
import os
import platform
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from bench import (
    acts,
    bot_frameworks,
    dead_neighbour,
    end_to_end,
    fan_out,
    http_acks,
    ledger_appends,
    limited_send,
    message_rows,
    processed,
    stored_parts,
)
from bench.databases import Databases, started_databases, sync_seconds
from bench.measure import Effort, Line
from bench.table import table_of


@dataclass(frozen=True, slots=True)
class Bench:
    """A name for `--only`, and what measures under it."""

    name: str
    measure: Callable[[Databases, Effort], AsyncIterator[Line]]


BENCHES = (
    Bench("ledger-appends", ledger_appends.measure),
    Bench("acts", acts.measure),
    Bench("message-rows", message_rows.measure),
    Bench("http-acks", http_acks.measure),
    Bench("processed", processed.measure),
    Bench("bot-frameworks", bot_frameworks.measure),
    Bench("fan-out", fan_out.measure),
    Bench("end-to-end", end_to_end.measure),
    Bench("stored-parts", stored_parts.measure),
    Bench("limited-send", limited_send.measure),
    Bench("dead-neighbour", dead_neighbour.measure),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for and print it."""
    asked = _parser().parse_args(arguments)
    effort = Effort(repeats=asked.repeats or (2 if asked.quick else 5), part=0.15 if asked.quick else 1.0)
    chosen = [bench for bench in BENCHES if asked.only is None or bench.name == asked.only]
    logging.getLogger("chaskiq.store").setLevel(logging.ERROR)  # a slow act shows in the figures
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else frozen servers would outlive us
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped by `timeout` or CI, it takes its server along
    started = time.monotonic()
    with started_databases() as databases:
        sync = sync_seconds(databases.folder)
        lines = asyncio.run(_measure(chosen, databases, effort))
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, "
        f"a page on disk in {sync * 1e6:,.0f} µs. {effort.repeats} repeats, in which all take turns: "
        "median (lowest–highest); the ratio is within each repeat.\n"
    )
    print(table_of(lines))
    print(f"took {time.monotonic() - started:.0f} s", file=sys.stderr)


async def _measure(benches: Sequence[Bench], databases: Databases, effort: Effort) -> list[Line]:
    lines = []
    for bench in benches:
        print(f"{bench.name} ", end="", file=sys.stderr, flush=True)
        lines += [line async for line in bench.measure(databases, effort)]
        print(file=sys.stderr)
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a small part of the work, twice: does it run, and roughly how fast"
    )
    parser.add_argument("--repeats", type=int, help="how often each is measured (5; quick: 2)")
    parser.add_argument("--only", choices=[bench.name for bench in BENCHES], help="one bench")
    return parser


if __name__ == "__main__":
    main()
